//! Pages of a list: `Marker` and `MaxItems`.

use crate::error::IamError;

/// Which page is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// The marker of the page before.
    pub marker: Option<String>,
    /// 1 to 1,000; 100 when absent.
    pub items_max: Option<usize>,
}

/// Some items of a list, and where the next ones begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// In order.
    pub items: Vec<T>,
    /// Present when more follow.
    pub marker: Option<String>,
}

impl PageRequest {
    /// The page of items that come in the order of their keys.
    ///
    /// The marker holds the last key shown, so that items which come or go between two pages are
    /// neither shown twice nor lost.
    ///
    /// # Errors
    /// [`IamError::Validation`] for a marker that no page gave.
    pub fn cut<T>(&self, items: impl Iterator<Item = (String, T)>) -> Result<Page<T>, IamError> {
        let after = self.marker.as_deref().map(key_of).transpose()?;
        let max = self.items_max.unwrap_or(100).clamp(1, 1_000);
        let mut items = items
            .filter(|(key, _)| after.as_ref().is_none_or(|after| key > after))
            .peekable();
        let mut page = Page {
            items: Vec::new(),
            marker: None,
        };
        while let Some((key, item)) = items.next() {
            page.items.push(item);
            if page.items.len() == max && items.peek().is_some() {
                page.marker = Some(marker_of(&key));
                break;
            }
        }
        Ok(page)
    }
}

fn marker_of(key: &str) -> String {
    key.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn key_of(marker: &str) -> Result<String, IamError> {
    let invalid = || IamError::Validation(format!("Invalid Marker: {marker}"));
    let digits = marker.as_bytes();
    let bytes: Option<Vec<u8>> = digits
        .chunks(2)
        .map(|pair| {
            u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16)
                .ok()
                .filter(|_| pair.len() == 2)
        })
        .collect();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_together_are_the_list() {
        let list = ["a", "b", "c", "d", "e"];
        let items = || list.iter().map(|key| ((*key).to_owned(), *key));
        let mut request = PageRequest {
            marker: None,
            items_max: Some(2),
        };
        let mut seen = Vec::new();
        loop {
            let page = request.cut(items()).unwrap();
            seen.extend(page.items);
            request.marker = page.marker;
            if request.marker.is_none() {
                break;
            }
        }
        assert_eq!(seen, list);
    }

    #[test]
    fn a_full_last_page_has_no_marker() {
        let request = PageRequest {
            marker: None,
            items_max: Some(2),
        };
        let page = request
            .cut([("a".to_owned(), 1), ("b".to_owned(), 2)].into_iter())
            .unwrap();
        assert_eq!(page.marker, None);
    }

    #[test]
    fn a_marker_that_no_page_gave_is_refused() {
        let request = PageRequest {
            marker: Some("zz".into()),
            items_max: None,
        };
        assert_eq!(
            request
                .cut(std::iter::empty::<(String, ())>())
                .unwrap_err()
                .code(),
            "ValidationError"
        );
    }
}
