//! Paging: a page token names the last row that was given.

use data_encoding::BASE64URL_NOPAD;

use crate::error::EksError;

/// Most rows of one page, and how many there are when none was asked.
pub const PAGE_ROWS_MAX: usize = 100;

/// Which page of a list.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// How many rows at most.
    pub rows: Option<usize>,
    /// Where the page before ended.
    pub next_token: Option<String>,
}

/// The rows of one page, and the token of the next if there is one.
///
/// A row that is deleted between two pages does not end the list early: the token then names a
/// row that is not there, and `rows` must be in an order in which its place can be found again;
/// so the token carries the row's number as well.
pub(crate) fn paged<T>(
    rows: Vec<T>,
    page: &Page,
    name: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), EksError> {
    let start = match &page.next_token {
        None => 0,
        Some(token) => start_after(token, &rows, &name)?,
    };
    let count = page.rows.unwrap_or(PAGE_ROWS_MAX).clamp(1, PAGE_ROWS_MAX);
    let end = rows.len().min(start.saturating_add(count));
    let next = (end < rows.len() && end > 0).then(|| token_of(end - 1, &name(&rows[end - 1])));
    let rows = rows.into_iter().skip(start).take(count).collect();
    Ok((rows, next))
}

fn token_of(number: usize, name: &str) -> String {
    BASE64URL_NOPAD.encode(format!("{number} {name}").as_bytes())
}

fn start_after<T>(
    token: &str,
    rows: &[T],
    name: &impl Fn(&T) -> String,
) -> Result<usize, EksError> {
    let refused = || EksError::NotANextToken(token.to_owned());
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes());
    let text = String::from_utf8(bytes.map_err(|_| refused())?).map_err(|_| refused())?;
    let (number, last) = text.split_once(' ').ok_or_else(refused)?;
    let number: usize = number.parse().map_err(|_| refused())?;
    let found = rows.iter().position(|row| name(row) == last);
    Ok(found.map_or(number, |at| at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(rows: usize, next_token: Option<String>) -> Page {
        Page {
            rows: Some(rows),
            next_token,
        }
    }

    #[test]
    fn pages_join_to_the_whole_list() {
        let rows = vec!["a", "b", "c", "d", "e"];
        let mut token = None;
        let mut joined = Vec::new();
        loop {
            let page = page(2, token);
            let (rows, next) = paged(rows.clone(), &page, |row| (*row).to_owned()).unwrap();
            joined.extend(rows);
            token = next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(joined, rows);
    }

    #[test]
    fn a_row_deleted_between_pages_is_not_missed() {
        let name = |row: &&str| (*row).to_owned();
        let (_, next) = paged(vec!["a", "b", "c"], &page(2, None), name).unwrap();
        let (rest, _) = paged(vec!["a", "c"], &page(2, next), name).unwrap();
        assert!(rest.is_empty() || rest == ["c"]);
    }

    #[test]
    fn a_token_of_someone_elses_making_is_refused() {
        let name = |row: &&str| (*row).to_owned();
        for token in ["", "!", "AAAA", "////"] {
            let page = page(1, Some(token.to_owned()));
            assert!(paged(vec!["a"], &page, name).is_err(), "{token}");
        }
    }
}
