//! SSL_CTX_sess_set_cache_size(3).

super::clauses! {
    "SSL_CTX_sess_set_cache_size", V3_0..=V3_3;

    SIZE_HINT "size.hint" Contradiction "DESCRIPTION" [2] against "flush.collects"
        "the size is a hint: the cache may hold another number than the one set";
    SIZE_DEFAULT "size.default" Rule "NOTES" [1]
        "a context starts with the size 20480, 1024 times 20; the page also gives it as a round 20,000";
    SIZE_ZERO_UNLIMITED "size.zero-unlimited" Rule "NOTES" [3]
        "the size 0 means no limit";
    SIZE_DROPS_FROM_END "size.drops-from-end" Open "NOTES" [4]
        "an add beyond the size drops sessions from the end of the cache, and the page does not say what orders it";
    SIZE_FLUSH_RECLAIMS "size.flush-reclaims" Rule "NOTES" [5]
        "a flush makes room: what it takes out counts against the size no more";
    SIZE_SMALLER_AT_NEXT_ADD "size.smaller-at-next-add" Rule "NOTES" [6, 7]
        "a size set below the number of sessions held drops the rest at the next add, expired or not";
    SIZE_SET_RETURNS_PREVIOUS "size.set-returns-previous" Rule "RETURN VALUES" [1]
        "setting the size of the internal cache returns the one before";
    SIZE_GET "size.get" Rule "RETURN VALUES" [2]
        "the getter returns the size now set";
}
