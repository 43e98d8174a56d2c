//! SSL_CTX_add_session(3), a seed page.

super::clauses! {
    "SSL_CTX_add_session", V0_9_8..=V3_3;

    ADD_ADDS "add.adds" Rule "DESCRIPTION" [1]
        "add puts the session into the context's internal cache, whatever the cache mode";
    ADD_UP_REF "add.up-ref" Rule "DESCRIPTION" [2]
        "the cache holds one reference on each session in it: an add that returns 1 takes one, an add that returns 0 none";
    REMOVE_REMOVES "remove.removes" Rule "DESCRIPTION" [4]
        "remove takes the session out of the context's internal cache";
    REMOVE_NOT_RESUMABLE "remove.not-resumable" Rule (V3_0..=V3_3) "DESCRIPTION" [4]
        "a session taken out by remove is not resumable any more";
    REMOVE_TWIN "remove.twin" Open "DESCRIPTION" [4]
        "remove is given another object with the id of a cached one: which of the two is meant, marked and told of";
    REMOVE_APPLICATION_CALLBACK "remove.application-callback" Open "DESCRIPTION" [4]
        "whether a remove by the application counts as a removal that remove_session_cb is told of";
    REMOVE_FREES_ONCE "remove.frees-once" Rule "DESCRIPTION" [5]
        "remove frees one reference, the one that the cache held";
    SYNONYMS "synonyms" Rule (V0_9_8..=V1_0_1) "DESCRIPTION" [6]
        "SSL_add_session, SSL_remove_session and SSL_flush_sessions are other names of the three functions";
    ADD_SAME_ID_REPLACES "add.same-id-replaces" Rule "NOTES" [1, 3]
        "when another object with the same session id is cached, it leaves, its reference is freed and the new one takes its place";
    ADD_SAME_ID_ASSUMED_EQUAL "add.same-id-assumed-equal" Rule "NOTES" [2]
        "two objects with one id are taken for one session: nothing else in them is compared";
    REPLACE_CALLBACK "replace.callback" Contradiction "NOTES" [2, 3] against "remove-cb.whenever-removed"
        "whether replacing a session by another object with its id calls remove_session_cb for the old object";
    ADD_IDENTICAL_IS_NOOP "add.identical-is-noop" Rule "NOTES" [4]
        "adding an object that is cached already changes nothing and returns 0";
    STORE_NO_INTERNAL_STORE "store.no-internal-store" Rule "NOTES" [5]
        "under NO_INTERNAL_STORE no session that a server negotiates enters the internal cache by itself";
    STORE_LOOKUP_STILL_SEARCHED "store.lookup-still-searched" Rule "NOTES" [5]
        "under NO_INTERNAL_STORE a server still searches the internal cache for what a client proposes";
    STORE_APPLICATION_CONTROLS "store.application-controls" Rule "NOTES" [6]
        "under NO_INTERNAL_STORE what the application adds by hand is what can be resumed";
    ADD_RETURNS "add.returns" Rule "RETURN VALUES" [1, 2, 3, 5]
        "add and remove return 1 on success and 0 on failure, and add fails only on an object that is cached already";
    REMOVE_ABSENT_FAILS "remove.absent-fails" Rule "RETURN VALUES" [4]
        "remove of a session that is not in the cache returns 0";
}
