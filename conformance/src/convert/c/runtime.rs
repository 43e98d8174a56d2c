//! The parts of the files in `runtime/` that a program needs, and the words that they have taken.

use std::collections::BTreeSet;

/// What a program needs of the runtime: the words after `//@` there.
pub(super) type Needs = BTreeSet<&'static str>;

const RUNTIME: [&str; 4] = [
    include_str!("runtime/look.c"),
    include_str!("runtime/application.c"),
    include_str!("runtime/handshake.c"),
    include_str!("runtime/by_hand.c"),
];

/// The lines of the runtime that these needs call for. A line `//@ a|b&!c` begins lines for who needs `a`, or `b` and
/// not `c`; a bare `//@` begins lines for everybody. What follows `//!` is for who reads the runtime.
pub(super) fn needed(needs: &Needs) -> String {
    let mut out = String::new();
    let mut wanted = true;
    for line in RUNTIME.iter().flat_map(|file| file.lines()).filter(|line| !line.starts_with("//!")) {
        if let Some(condition) = line.strip_prefix("//@") {
            wanted = holds(condition.trim(), needs);
        } else if wanted {
            out.push_str(line);
            out.push('\n');
        }
    }
    // Where lines were left out, two empty ones may meet.
    while out.contains("\n\n\n") {
        out = out.replace("\n\n\n", "\n\n");
    }
    out
}

fn holds(condition: &str, needs: &Needs) -> bool {
    let one = |word: &str| match word.strip_prefix('!') {
        Some(word) => !needs.contains(word),
        None => needs.contains(word),
    };
    condition.is_empty() || condition.split('|').any(|all| all.split('&').all(one))
}

/// Words that a variable cannot have for a name: what the program defines for the whole file, and those of the language
/// and of its library.
pub(super) fn is_taken(word: &str) -> bool {
    const LANGUAGE: &str = "auto break case char const continue default do double else enum extern float for goto if \
        inline int long register restrict return short signed sizeof static struct switch typedef union unsigned void \
        volatile while asm bool true false nullptr typeof alignas alignof constexpr thread_local static_assert main \
        printf round linux unix it index rindex time remove rename random select abs exit div system abort atexit \
        bsearch calloc clock daylight environ errno free getenv labs malloc puts qsort rand realloc rewind stderr \
        stdin stdout timezone NULL EOF ORDERED RULES TITLE";
    const DEFINES: [&str; 6] = ["static ", "enum ", "#define ", "# define ", "time_t ", "int "];
    let lines = RUNTIME.iter().flat_map(|file| file.lines());
    let defining = lines.filter(|line| DEFINES.iter().any(|start| line.starts_with(start)));
    // Neither parameters nor comments are defined for the file.
    let mut defined = defining.filter_map(|line| line.split(['(', '"']).next()?.split("/*").next());
    defined.any(|line| line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|taken| taken == word))
        || LANGUAGE.split_whitespace().any(|taken| taken == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_alternatives_of_what_must_all_hold() {
        let needs = Needs::from(["a", "b"]);
        for (condition, held) in
            [("", true), ("a", true), ("c", false), ("c|b", true), ("a&c", false), ("c|a&b", true), ("a&!b", false)]
        {
            assert_eq!(holds(condition, &needs), held, "{condition}");
        }
    }

    #[test]
    fn nobody_needs_less_than_the_clock_and_the_check() {
        let least = needed(&Needs::new());
        assert!(least.contains("time_t time(") && least.contains("static void check("));
        assert!(!least.contains("//@") && !least.contains("SSL_do_handshake"));
    }
}
