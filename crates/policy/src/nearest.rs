//! The known word nearest to one that is not.

/// The candidate that fewest changes turn into the word, letter case aside, if few enough.
#[must_use]
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    // A stranger's word of any length is compared with short ones alone.
    let word: String = word.chars().take(WORD_CHARS_MAX).collect();
    let word = word.to_ascii_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).clamp(1, 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

const WORD_CHARS_MAX: usize = 64;

/// Levenshtein's distance, in which two neighbours that changed places are one change.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<_>, Vec<_>) = (one.chars().collect(), other.chars().collect());
    let mut before = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for i in 0..one.len() {
        let mut next = vec![i + 1];
        for j in 0..other.len() {
            let substituted = row[j] + usize::from(one[i] != other[j]);
            let least = substituted.min(row[j + 1] + 1).min(next[j] + 1);
            let swapped = i > 0 && j > 0 && one[i] == other[j - 1] && one[i - 1] == other[j];
            next.push(match swapped {
                true => least.min(before[j - 1] + 1),
                false => least,
            });
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_and_a_far_one_is_not() {
        let known = ["StringEquals", "StringLike", "Bool", "Null"];
        for (word, wanted) in [
            ("StringEqual", Some("StringEquals")),
            ("stringlike", Some("StringLike")),
            ("Boole", Some("Bool")),
            ("Nlul", Some("Null")),
            ("Lnul", None),
            ("Arn", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), wanted, "{word}");
        }
        assert_eq!(nearest(&"x".repeat(1 << 20), known), None);
    }
}
