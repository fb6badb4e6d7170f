//! A name for a template's content.

use serde_json::Value;

/// The letters of generated names: none that could spell a word.
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// FNV-1a over the template's JSON, whose keys are in order, in letters that are safe in names.
pub(super) fn of(template: &Value, collisions: i64) -> String {
    let mut hash: u32 = 0x811c_9dc5;
    let text = format!(
        "{template}{}",
        if collisions > 0 {
            collisions.to_string()
        } else {
            String::new()
        }
    );
    for byte in text.bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    let digits = hash.to_string().into_bytes();
    digits
        .iter()
        .map(|digit| char::from(LETTERS[usize::from(*digit) % LETTERS.len()]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_same_template_has_the_same_hash_and_another_one_another() {
        let (one, two) = (json!({"a": 1, "b": 2}), json!({"a": 1, "b": 3}));
        assert_eq!(of(&one, 0), of(&one.clone(), 0));
        assert_ne!(of(&one, 0), of(&two, 0));
        assert_ne!(of(&one, 0), of(&one, 1));
        assert!(of(&one, 0).bytes().all(|letter| LETTERS.contains(&letter)));
    }
}
