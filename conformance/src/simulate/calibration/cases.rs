//! The services of which a formula says how often they resume.
//!
//! Timeouts are short, so that one second of them shows. Each case has about 60,000 connections that count, or some times
//! as many.

use super::formulas::{first_out, fixed, flooded, least_recent, mixture, of_hits, renewed, thinned, zipf};
use super::{Case, Of, Planted};

/// All cases, so many times as long as the shortest that says anything.
#[must_use]
pub fn cases(times: u32) -> Vec<Case> {
    let times = u64::from(times.max(1));
    vec![
        fixed_timeout(times),
        update_time(times),
        mixture_by_zipf(times),
        closed_loop(times),
        gaining_clock(times),
        restarts(times),
        unclean_closes(times),
        random_balancer(times),
        sticky_balancer(times),
        lossy_external_cache(times),
        late_external_cache(times),
        clocks_apart(times),
        size_among_equals(times),
        size_first_out(times),
        size_least_recent(times),
        size_under_a_flood(times),
    ]
}

const RENEWAL: &str = "renewal reward theorem; for caches with timeouts Jung, Berger and Balakrishnan 2003, who have no \
                       whole seconds";
const THINNING: &str = "renewal reward theorem, with a thinned Poisson process";

/// 60 clients come to a server 6 times a second: each of them once in ten seconds.
const SIXTY: &str = "clients: {all: {number: 60, lasts: 0s, round_trip: 0s, arrivals: {rate: 6/s}}}";
const RATE: f64 = 0.1;
const TIMEOUT: f64 = 10.0;

/// A workload of so many seconds.
fn workload(about: &str, seconds: u64, rest: &[&str]) -> String {
    format!("workload: \"{about}\"\nlasts: {seconds}s\n{}\n", rest.join("\n"))
}

fn planted<const N: usize>(all: [(&'static str, f64); N]) -> Vec<Planted> {
    all.map(|(what, predicted)| Planted { what, predicted, noticed: false }).to_vec()
}

fn fixed_timeout(times: u64) -> Case {
    let about = "60 clients come by Poisson, each once in 10 s; sessions live for 10 s";
    Case {
        name: "fixed-timeout",
        about,
        formula: "H/(1+H), H = λ(T+1) − 1 + λ/(exp λ − 1)",
        source: RENEWAL,
        workload: workload(about, 400 + 10_000 * times, &["cache: {timeout: 10s}", SIXTY]),
        of: Of::All,
        warm: 400,
        predicted: fixed(RATE, TIMEOUT),
        bound: 0.0,
        planted: planted([
            ("sessions live for a second more", fixed(RATE, TIMEOUT + 1.0)),
            ("their last second does not count", fixed(RATE, TIMEOUT - 1.0)),
            ("clocks show fractions of a second", of_hits(RATE * TIMEOUT)),
            ("they live for 5 % more", fixed(RATE, TIMEOUT * 1.05)),
        ]),
    }
}

fn update_time(times: u64) -> Case {
    let about = "the same under UPDATE_TIME: each resumption starts the timeout again";
    Case {
        name: "update-time",
        about,
        formula: "1 − exp(−λ(T+1)) · (exp λ − 1)/λ",
        source: "the waiting time of a Poisson process, from an even fraction of a second on",
        workload: workload(about, 400 + 10_000 * times, &["cache: {mode: [SERVER, UPDATE_TIME], timeout: 10s}", SIXTY]),
        of: Of::All,
        warm: 400,
        predicted: renewed(RATE, TIMEOUT),
        bound: 0.0,
        planted: planted([
            ("sessions live for a second more", renewed(RATE, TIMEOUT + 1.0)),
            ("the timeout counts from the full handshake", fixed(RATE, TIMEOUT)),
        ]),
    }
}

fn mixture_by_zipf(times: u64) -> Case {
    let about = "1000 clients come by Zipf, 20 a second in all; sessions live for 60 s";
    let (shares, rate) = (zipf(1000, 1.0), 20.0);
    let of = |shares: &[f64], timeout| mixture(shares, rate, |rate| fixed(rate, timeout));
    Case {
        name: "zipf",
        about,
        formula: "the sum over all clients of p · H/(1+H), H = λp(T+1) − 1 + λp/(exp λp − 1)",
        source: RENEWAL,
        workload: workload(
            about,
            900 + 3_000 * times,
            &[
                "cache: {timeout: 60s}",
                "clients: {all: {number: 1000, lasts: 0s, round_trip: 0s, arrivals: {rate: 20/s, who: {zipf: 1.0}}}}",
            ],
        ),
        of: Of::All,
        warm: 900,
        predicted: of(&shares, 60.0),
        bound: 0.0,
        planted: planted([
            ("clients come evenly", of(&zipf(1000, 0.0), 60.0)),
            ("sessions live for 10 % more", of(&shares, 66.0)),
        ]),
    }
}

fn closed_loop(times: u64) -> Case {
    let about =
        "60 clients of TLS 1.3 think for 5 s to 25 s; tickets live for 14 s, and each connection brings another";
    let (from, to, timeout) = (5.0, 25.0, 14.0);
    let of = |timeout: f64| (timeout + 0.5 - from) / (to - from);
    Case {
        name: "closed-loop",
        about,
        formula: "P(think + u < T + 1) = (T + 1/2 − from)/(to − from), u even in a second",
        source: "the law of thinking itself; its whole seconds leave the fraction even",
        workload: workload(
            about,
            400 + 15_000 * times,
            &[
                "cache: {timeout: 14s}",
                "clients:",
                "  all:",
                "    number: 60",
                "    thinks: {uniform: {from: 5s, to: 25s}}",
                "    lasts: 0s",
                "    round_trip: 40ms",
                "    protocols: [{protocol: TLSv1.3, tickets: stateful, num_tickets: 1}]",
            ],
        ),
        of: Of::All,
        warm: 400,
        predicted: of(timeout),
        bound: 0.0,
        planted: planted([
            ("tickets live for a second more", of(timeout + 1.0)),
            ("clocks show fractions of a second", of(timeout - 0.5)),
        ]),
    }
}

fn gaining_clock(times: u64) -> Case {
    let about = "as fixed-timeout, and the server's clock gains a tenth of a second in each";
    let gains = 1.1;
    Case {
        name: "gaining-clock",
        about,
        formula: "as fixed-timeout, with λ/1.1: by the server's clock, clients come less often",
        source: RENEWAL,
        workload: workload(
            about,
            400 + 10_000 * times,
            &["servers: {fast: {drift: 100000}}", "cache: {timeout: 10s}", SIXTY],
        ),
        of: Of::All,
        warm: 400,
        predicted: fixed(RATE / gains, TIMEOUT),
        bound: 0.0,
        planted: planted([
            ("the clock is right", fixed(RATE, TIMEOUT)),
            ("it loses as much", fixed(RATE * gains, TIMEOUT)),
            ("sessions live for a second more", fixed(RATE / gains, TIMEOUT + 1.0)),
        ]),
    }
}

fn restarts(times: u64) -> Case {
    let about =
        "60 clients come by Poisson, each once in 10 s; the server starts anew each 30 s, before anything expires";
    let of = |every: f64| 1.0 + (-RATE * every).exp_m1() / (RATE * every);
    Case {
        name: "restarts",
        about,
        formula: "1 − (1 − exp(−λR))/(λR)",
        source: "of the Poisson many connections of a client between two starts, the first is full",
        workload: workload(
            about,
            300 + 10_200 * times,
            &["cache: {timeout: 1h}", SIXTY, "happenings: [{every: 30s, restart: now}]"],
        ),
        of: Of::All,
        warm: 300,
        predicted: of(30.0),
        bound: 0.0,
        planted: planted([("it starts anew 10 % less often", of(33.0)), ("it never does", 1.0)]),
    }
}

fn unclean_closes(times: u64) -> Case {
    let about = "as fixed-timeout, and a fifth of the connections is closed uncleanly, which removes their session";
    Case {
        name: "unclean-closes",
        about,
        formula: "H/(1+H), H = p/(1−p) · (1 − a), p = 4/5, a the chance that no unclean close comes before the end",
        source: THINNING,
        workload: workload(
            about,
            400 + 10_000 * times,
            &[
                "cache: {timeout: 10s}",
                "clients: {all: {number: 60, lasts: 0s, round_trip: 0s, unclean: 20%, arrivals: {rate: 6/s}}}",
            ],
        ),
        of: Of::All,
        warm: 400,
        predicted: thinned(RATE, TIMEOUT, 0.8),
        bound: 0.0,
        planted: planted([
            ("unclean closes remove nothing", fixed(RATE, TIMEOUT)),
            ("a quarter is closed so", thinned(RATE, TIMEOUT, 0.75)),
            ("sessions live for a second more", thinned(RATE, TIMEOUT + 1.0, 0.8)),
        ]),
    }
}

fn random_balancer(times: u64) -> Case {
    let about = "as fixed-timeout, at two servers in turn by chance, without an external cache";
    Case {
        name: "random-balancer",
        about,
        formula: "H/(1+H), H = p/(1−p) · (1 − a), p = 1/2, a the chance that the other server does not come first",
        source: THINNING,
        workload: workload(about, 400 + 10_000 * times, &["servers: 2", "cache: {timeout: 10s}", SIXTY]),
        of: Of::All,
        warm: 400,
        predicted: thinned(RATE, TIMEOUT, 0.5),
        bound: 0.0,
        planted: planted([
            ("sessions are shared", fixed(RATE, TIMEOUT)),
            ("half of the hits are lost", fixed(RATE, TIMEOUT) / 2.0),
            ("there are three servers", thinned(RATE, TIMEOUT, 1.0 / 3.0)),
        ]),
    }
}

fn sticky_balancer(times: u64) -> Case {
    let about = "as fixed-timeout, at four servers, and each client always goes to the same";
    Case {
        name: "sticky-balancer",
        about,
        formula: "as fixed-timeout: no server knows of the others",
        source: RENEWAL,
        workload: workload(
            about,
            400 + 10_000 * times,
            &["servers: 4", "balancer: by_client", "cache: {timeout: 10s}", SIXTY],
        ),
        of: Of::All,
        warm: 400,
        predicted: fixed(RATE, TIMEOUT),
        bound: 0.0,
        planted: planted([
            ("the balancer forgets one time in ten", thinned(RATE, TIMEOUT, 0.9)),
            ("sessions live for a second more", fixed(RATE, TIMEOUT + 1.0)),
        ]),
    }
}

fn lossy_external_cache(times: u64) -> Case {
    let about = "three servers share an external cache, which loses a fifth of the stores and keeps the rest for 10 s";
    let of = |kept: f64, timeout: f64| of_hits(kept * RATE * timeout);
    Case {
        name: "lossy-external-cache",
        about,
        formula: "H/(1+H), H = (1−q)λT: the external cache counts fractions of a second",
        source: "renewal reward theorem",
        workload: workload(
            about,
            400 + 10_000 * times,
            &["servers: 3", "cache: {mode: [SERVER, NO_INTERNAL], timeout: 10s}", "external: {lost: 20%}", SIXTY],
        ),
        of: Of::All,
        warm: 400,
        predicted: of(0.8, TIMEOUT),
        bound: 0.0,
        planted: planted([
            ("nothing is lost", of(1.0, TIMEOUT)),
            ("sessions live for a second more", of(0.8, TIMEOUT + 1.0)),
            ("half a second more, as within a server", of(0.8, TIMEOUT + 0.5)),
        ]),
    }
}

fn late_external_cache(times: u64) -> Case {
    let about = "three servers share an external cache, where what is stored shows after 3 s and until 10 s";
    let of = |lag: f64| of_hits((-RATE * lag).exp() * RATE * (TIMEOUT - lag));
    Case {
        name: "late-external-cache",
        about,
        formula: "H/(1+H), H = exp(−λL) · λ(T−L): who comes back too early brings another session",
        source: "renewal reward theorem",
        workload: workload(
            about,
            400 + 10_000 * times,
            &["servers: 3", "cache: {mode: [SERVER, NO_INTERNAL], timeout: 10s}", "external: {lag: 3s}", SIXTY],
        ),
        of: Of::All,
        warm: 400,
        predicted: of(3.0),
        bound: 0.0,
        planted: planted([
            ("it shows at once", of(0.0)),
            ("it shows a second earlier", of(2.0)),
            ("who comes too early keeps the session", of_hits(RATE * (TIMEOUT - 3.0))),
        ]),
    }
}

fn clocks_apart(times: u64) -> Case {
    let about = "two servers, one clock 50 s ahead, share an external cache, which keeps sessions for their 100 s";
    let (rate, timeout, ahead): (f64, f64, f64) = (0.02, 100.0, 50.0);
    // A session of the server that is right has expired at the other one so much earlier. From then on connections are
    // resumed until the first that goes there. One of the server ahead is good at both until it is kept no longer.
    let missed = 1.0 - (-rate * (ahead - 0.5) / 2.0).exp();
    let right = 1.0 / (2.0 + missed);
    let hits = right * (rate * (timeout - ahead + 0.5) + missed) + (1.0 - right) * rate * timeout;
    let predicted = of_hits(hits);
    Case {
        name: "clocks-apart",
        about,
        formula: "H/(1+H), H = r(λ(T−d+1/2) + x) + (1−r)λT, x = 1 − exp(−λ(d−1/2)/2), r = 1/(2+x)",
        source: THINNING,
        workload: workload(
            about,
            2_000 + 40_000 * times,
            &[
                "servers: {right: {}, fast: {ahead: 50}}",
                "cache: {mode: [SERVER, NO_INTERNAL], timeout: 100s}",
                "external: {}",
                "clients: {all: {number: 75, lasts: 0s, round_trip: 0s, arrivals: {rate: 1.5/s}}}",
            ],
        ),
        of: Of::All,
        warm: 2_000,
        predicted,
        // The fraction of a second at which a session is made is taken for a half, and is within one.
        bound: rate / 2.0 * (1.0 - predicted).powi(2),
        planted: planted([
            ("the clocks agree", of_hits(rate * timeout)),
            ("all sessions lose as much as the clocks are apart", of_hits(rate * (timeout - ahead))),
        ]),
    }
}

/// Among clients that come like this, a size decides alone.
fn sized(about: &'static str, seconds: u64, mode: &str, size: usize, clients: &str) -> String {
    let cache = format!("cache: {{mode: {mode}, size: {size}, timeout: 30d}}");
    workload(about, seconds, &[&cache, &format!("clients: {{all: {{lasts: 0s, round_trip: 0s, {clients}}}}}")])
}

fn size_among_equals(times: u64) -> Case {
    let about = "500 clients come evenly to a cache of 200 sessions that never expire";
    Case {
        name: "size-among-equals",
        about,
        formula: "B/N",
        source: "King 1971",
        workload: sized(about, 600 + 3_000 * times, "[SERVER]", 200, "number: 500, arrivals: {rate: 20/s}"),
        of: Of::All,
        warm: 600,
        predicted: 0.4,
        bound: 0.0,
        planted: planted([("there is room for 5 % more", 0.42)]),
    }
}

fn size_first_out(times: u64) -> Case {
    let about = "200 clients come by Zipf to a cache of 50 sessions, from which the oldest goes first";
    let shares = zipf(200, 0.8);
    Case {
        name: "size-first-out",
        about,
        formula: "the sum over all clients of p · P(in), where a set is in with a chance as the product of its p",
        source: "King 1971; Gelenbe 1973",
        workload: sized(
            about,
            600 + 3_000 * times,
            "[SERVER]",
            50,
            "number: 200, arrivals: {rate: 20/s, who: {zipf: 0.8}}",
        ),
        of: Of::All,
        warm: 600,
        predicted: first_out(&shares, 50),
        bound: 0.0,
        planted: planted([
            ("there is room for 5 more", first_out(&shares, 55)),
            ("who was not used for the longest goes first", least_recent(&shares, 50.0)),
        ]),
    }
}

fn size_least_recent(times: u64) -> Case {
    let about =
        "400 clients come by Zipf to a cache of 80 under UPDATE_TIME: who was not used for the longest goes first";
    let shares = zipf(400, 0.8);
    Case {
        name: "size-least-recent",
        about,
        formula: "the sum over all clients of p · (1 − exp(−pC)), C such that those chances add up to B",
        source: "Che, Tung and Wang 2002, asymptotically right by Fagin 1977",
        workload: sized(
            about,
            600 + 3_000 * times,
            "[SERVER, UPDATE_TIME]",
            80,
            "number: 400, arrivals: {rate: 20/s, who: {zipf: 0.8}}",
        ),
        of: Of::All,
        warm: 600,
        predicted: least_recent(&shares, 80.0),
        bound: 0.003,
        planted: planted([
            ("there is room for 10 % more", least_recent(&shares, 88.0)),
            ("the oldest goes first", first_out(&shares, 80)),
        ]),
    }
}

fn size_under_a_flood(times: u64) -> Case {
    let about = "1000 clients come evenly, 20 a second, to a cache of 500, and an attacker stores 10 more a second";
    let of = |flood, size| flooded(1000.0, 20.0, flood, size);
    Case {
        name: "size-under-a-flood",
        about,
        formula: "λτ/(1+λτ), τ such that τ · (Nλ/(1+λτ) + f) = B",
        source: "Little 1961, with the time that a session stays",
        workload: workload(
            about,
            900 + 3_000 * times,
            &[
                "cache: {size: 500, timeout: 30d}",
                "clients: {all: {number: 1000, lasts: 0s, round_trip: 0s, arrivals: {rate: 20/s}}}",
                "floods: {attacker: {handshakes: 10/s, round_trip: 0s}}",
            ],
        ),
        of: Of::Proposed,
        warm: 900,
        predicted: of(10.0, 500.0),
        bound: 0.002,
        planted: planted([("nobody attacks", of(0.0, 500.0)), ("there is room for 10 % more", of(10.0, 550.0))]),
    }
}
