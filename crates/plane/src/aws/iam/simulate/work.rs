//! How much one page of a simulation may cost.
//!
//! A wildcard pattern costs its length times the length of what it is compared with, at the worst.
//! Stored policies and real requests are short; here both come from the caller, as long as a body is.

/// Steps of a page at the worst: about a second.
const STEPS_MAX: usize = 1 << 29;

/// How many results a page may have, of policies and a longest value of so many bytes; none at all
/// when one alone could cost too much.
pub(super) fn results_max(policies: usize, longest: usize) -> Option<usize> {
    let one = policies.saturating_mul(longest).max(1);
    Some(STEPS_MAX / one).filter(|results| *results > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_as_long_as_its_work_allows() {
        let check = |policies, longest, results: Option<usize>| {
            let found = results_max(policies, longest).map(|results| results.min(1_000));
            assert_eq!(found, results, "{policies} × {longest}");
        };
        check(0, 0, Some(1_000));
        check(2_048, 100, Some(1_000));
        check(60 * 1_024, 100, Some(87));
        check(1 << 19, 1 << 10, Some(1));
        check(1 << 19, (1 << 10) + 1, None);
        check(usize::MAX, usize::MAX, None);
    }
}
