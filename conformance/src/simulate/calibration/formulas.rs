//! Hit rates in closed form. Rates are a second, lengths of time are in seconds. Not here: which service each is for.

/// The hit rate when a session is resumed so often in the mean before a full handshake comes again: the renewal reward
/// theorem.
pub(super) fn of_hits(hits: f64) -> f64 {
    hits / (1.0 + hits)
}

/// A client that comes at this rate by Poisson, and has its session resumed until its timeout. Whole seconds: a session
/// ends with a second, so that the next full handshake is an exponential time behind the begin of one, and its own
/// fraction of a second is that of the exponential time.
pub(super) fn fixed(rate: f64, timeout: f64) -> f64 {
    of_hits(rate * (timeout + 1.0) - 1.0 + rate / rate.exp_m1())
}

/// The same, when every resumption starts the timeout again.
pub(super) fn renewed(rate: f64, timeout: f64) -> f64 {
    1.0 - (-rate * (timeout + 1.0)).exp() * rate.exp_m1() / rate
}

/// As [`fixed`], when each connection leaves the session to be resumed by the next one with this chance only, and
/// otherwise a full handshake comes of the next one: the Poisson process of those is thinned.
///
/// With `lost` their rate, the chance `a` that none comes before the session's end solves an equation in itself, since
/// it depends on the fraction of a second at which a session is made: even, but for the part `a · chance`, which is made
/// an exponential time behind the begin of a second.
pub(super) fn thinned(rate: f64, timeout: f64, chance: f64) -> f64 {
    let lost = rate * (1.0 - chance);
    let even = lost.exp_m1() / lost;
    let behind = rate * (-(rate - lost)).exp_m1() / ((rate - lost) * (-rate).exp_m1());
    let whole = (-lost * (timeout + 1.0)).exp();
    let a = whole * even / (1.0 + chance * whole * (even - behind));
    of_hits(chance / (1.0 - chance) * (1.0 - a))
}

/// The shares of connections by Zipf, of the most frequent first.
pub(super) fn zipf(number: usize, exponent: f64) -> Vec<f64> {
    let weights: Vec<f64> = (1..=number).map(|n| (n as f64).powf(-exponent)).collect();
    let all: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / all).collect()
}

/// Who comes with these shares, and each has the hit rate of its own.
pub(super) fn mixture(shares: &[f64], rate: f64, of: impl Fn(f64) -> f64) -> f64 {
    shares.iter().map(|share| share * of(share * rate)).sum()
}

/// A cache of this size from which the first that came goes first: every set of clients that it can hold is as likely as
/// the product of their shares, so that a client is in it by a ratio of elementary symmetric polynomials.
pub(super) fn first_out(shares: &[f64], size: usize) -> f64 {
    let whole = symmetric(shares.iter().copied(), shares.len(), size)[size];
    let others = |n: usize| shares.iter().enumerate().filter(move |(m, _)| *m != n).map(|(_, share)| *share);
    let number = shares.len();
    let within = |n: usize| scaled(shares[n], number) * symmetric(others(n), number, size - 1)[size - 1] / whole;
    (0..number).map(|n| shares[n] * within(n)).sum()
}

/// The elementary symmetric polynomials up to this degree.
fn symmetric(shares: impl Iterator<Item = f64>, number: usize, degree: usize) -> Vec<f64> {
    let mut sums = vec![0.0; degree + 1];
    sums[0] = 1.0;
    for share in shares {
        for n in (1..=degree).rev() {
            sums[n] += sums[n - 1] * scaled(share, number);
        }
    }
    sums
}

/// About 1, so that products of many stay within range.
fn scaled(share: f64, number: usize) -> f64 {
    share * number as f64
}

/// A cache of this size from which goes first who was not used for the longest: a session stays for as long as `size`
/// others take to be used, which is taken for a constant.
pub(super) fn least_recent(shares: &[f64], size: f64) -> f64 {
    let within = |time: f64, share: f64| 1.0 - (-share * time).exp();
    let time = root(size * 1e6, |time| shares.iter().map(|share| within(time, *share)).sum::<f64>() - size);
    shares.iter().map(|share| share * within(time, *share)).sum()
}

/// As many clients that come evenly as `number`, at this rate in all, beside others who never come twice and are stored
/// at the rate `flood`: by Little's law a session stays for the size divided by the rate at which sessions are stored.
pub(super) fn flooded(number: f64, rate: f64, flood: f64, size: f64) -> f64 {
    let hits = |time: f64| rate / number * time;
    let stored = |time: f64| rate / (1.0 + hits(time)) + flood;
    of_hits(hits(root(size * 1e3, |time| time * stored(time) - size)))
}

/// Where a function that grows is 0, between 0 and `most`.
fn root(most: f64, of: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, most);
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if of(middle) < 0.0 { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_near(seen: f64, right: f64) {
        assert!((seen - right).abs() < 1e-9, "{seen}, not {right}");
    }

    #[test]
    fn a_client_that_comes_seldom_gains_half_a_second_by_whole_seconds() {
        let rate = 1e-6;
        assert!((fixed(rate, 300.0) / (rate * 300.5) - 1.0).abs() < 1e-3);
    }

    #[test]
    fn who_always_leaves_its_session_is_not_thinned() {
        assert!((thinned(0.1, 10.0, 1.0 - 1e-7) - fixed(0.1, 10.0)).abs() < 1e-6);
    }

    #[test]
    fn among_equals_a_cache_has_the_share_that_it_holds_whoever_goes_first() {
        let even = zipf(40, 0.0);
        assert_near(first_out(&even, 10), 0.25);
        assert_near(least_recent(&even, 10.0), 0.25);
    }

    #[test]
    fn of_two_clients_and_room_for_one_the_last_is_kept() {
        // Whoever comes twice in a row is resumed.
        assert_near(first_out(&[0.75, 0.25], 1), 0.625);
    }

    #[test]
    fn of_three_clients_and_room_for_two_the_sets_are_as_likely_as_their_products() {
        let sets = [(0.5, 0.3), (0.5, 0.2), (0.3, 0.2)];
        let all: f64 = sets.iter().map(|(a, b)| a * b).sum();
        let right: f64 = sets.iter().map(|(a, b)| a * b * (a + b) / all).sum();
        assert_near(first_out(&[0.5, 0.3, 0.2], 2), right);
    }

    #[test]
    fn without_a_flood_a_cache_has_the_share_that_it_holds() {
        assert_near(flooded(1000.0, 20.0, 0.0, 400.0), 0.4);
    }
}
