//! What the tables of our cache take: an estimate from how many sessions there were. Not here: the sessions themselves.

/// What our internal cache takes beside the sessions when it has had so many: as in `impl/src/table.rs` and `slots.rs`,
/// which never shrink. Each of 16 tables has 2^n beginnings, 16 or more, of which three quarters are taken at most, and
/// up to 512 places behind them, of 16 bytes; slots of 24 bytes double up to 4096 of them and then come in as many at
/// once. The ring of its order has 8192 rows of 8 bytes. Ids fall into the tables at random, so this is their mean.
pub(super) fn bytes(most: u64) -> u64 {
    if most == 0 {
        return 0;
    }
    let beginnings = (most.div_ceil(16) * 4).div_ceil(3).next_power_of_two().max(16);
    let tables = 16 * 16 * (beginnings + beginnings.min(512));
    let slots = if most <= 4096 { most.next_power_of_two() } else { most.next_multiple_of(4096) };
    tables + 24 * slots + 8 * 8192
}
