//! Reading plane.yaml: strict, with the line shown and the nearest known word offered.

use crate::output::Failure;
use plane::PlaneConfig;
use std::io::Read;
use std::path::Path;

/// Longest plane.yaml, in bytes.
const LENGTH_MAX: u64 = 1 << 20;

/// The configuration in a file, in standard input (`-`), or the default one.
pub(crate) fn of(file: Option<&Path>) -> Result<PlaneConfig, Failure> {
    let Some(file) = file else {
        return Ok(PlaneConfig::default());
    };
    let (name, text) = read(file)?;
    parse(&name, &text)
}

fn read(file: &Path) -> Result<(String, String), Failure> {
    let unreadable = |why: std::io::Error| {
        Failure::usage("unreadable-config", format!("`{}`: {why}", file.display()))
    };
    let mut text = String::new();
    let length = if file == Path::new("-") {
        std::io::stdin()
            .take(LENGTH_MAX + 1)
            .read_to_string(&mut text)
    } else {
        std::fs::File::open(file)
            .and_then(|opened| opened.take(LENGTH_MAX + 1).read_to_string(&mut text))
    }
    .map_err(unreadable)?;
    if length as u64 > LENGTH_MAX {
        return Err(Failure::usage(
            "unreadable-config",
            format!("`{}` is longer than {LENGTH_MAX} bytes", file.display()),
        ));
    }
    Ok((file.display().to_string(), text))
}

/// Parses the text; `name` is what its errors call it.
pub(crate) fn parse(name: &str, text: &str) -> Result<PlaneConfig, Failure> {
    let config: PlaneConfig =
        serde_saphyr::from_str(text).map_err(|why| refused(name, text, &why))?;
    config
        .validate()
        .map_err(|why| Failure::usage("bad-config", format!("`{name}`: {why}")))?;
    Ok(config)
}

fn refused(name: &str, text: &str, why: &serde_saphyr::Error) -> Failure {
    let plain = why.without_snippet();
    let location = plain.location();
    let sentence = plain.to_string();
    // The excerpt shows the place; saying it twice helps nobody.
    let title = sentence.lines().next().unwrap_or_default();
    let title = title.split(" at line ").next().unwrap_or(title);
    let message = match location {
        Some(at) => {
            let line = usize::try_from(at.line()).unwrap_or(1);
            excerpt(
                name,
                text,
                line,
                usize::try_from(at.column()).unwrap_or(1),
                title,
            )
        }
        None => format!("`{name}`: {title}"),
    };
    let failure = Failure::usage("bad-config", message);
    match nearest_of_message(title) {
        Some(nearest) => failure.help(format!("did you mean `{nearest}`?")),
        None => failure.help("`rolecall schema` prints what plane.yaml may hold"),
    }
}

/// The message with the line that it is about.
fn excerpt(name: &str, text: &str, line: usize, column: usize, title: &str) -> String {
    use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
    let begin: usize = text
        .split_inclusive('\n')
        .take(line - 1)
        .map(str::len)
        .sum();
    let at = text.get(begin..).map_or(begin, |rest| {
        let rest = rest.lines().next().unwrap_or_default();
        begin
            + rest
                .char_indices()
                .nth(column - 1)
                .map_or(rest.len(), |(at, _)| at)
    });
    let word = text.get(at..).map_or(0, |rest| {
        rest.find(|letter: char| letter.is_whitespace() || letter == ':')
            .unwrap_or(rest.len())
    });
    let snippet = Snippet::source(text)
        .path(name)
        .annotation(AnnotationKind::Primary.span(at..(at + word).min(text.len())));
    let report = [Level::ERROR.primary_title(title).element(snippet)];
    let rendered = Renderer::plain().render(&report);
    rendered.trim_start_matches("error: ").to_owned()
}

/// The word nearest to the unknown one, both read from the parser's sentence: unknown field `x`,
/// expected one of a, b at line 1, column 1.
fn nearest_of_message(sentence: &str) -> Option<&str> {
    let (_, rest) = sentence.split_once("unknown ")?;
    let (_, rest) = rest.split_once('`')?;
    let (unknown, rest) = rest.split_once('`')?;
    let (_, known) = rest.split_once("expected ")?;
    let known = known.split(" at line ").next().unwrap_or(known);
    let words = known.trim_start_matches("one of ").split(", ");
    nearest(unknown, words.map(|word| word.trim_matches('`')))
}

/// The candidate that fewest changes turn into the word, if few enough.
fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).max(2))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (i, left) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in other.chars().enumerate() {
            let substituted = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_and_a_far_one_is_not() {
        let rows = [
            (
                "unknown field `acounts`, expected one of `accounts`, `region`",
                Some("accounts"),
            ),
            ("unknown field `regoin`, expected `region`", Some("region")),
            (
                "unknown field `banana`, expected one of `accounts`, `region`",
                None,
            ),
            ("invalid type: string `accounts`, expected a sequence", None),
        ];
        for (sentence, wanted) in rows {
            assert_eq!(nearest_of_message(sentence), wanted, "{sentence}");
        }
    }

    #[test]
    fn a_typo_is_shown_with_its_line() {
        let failure = parse("plane.yaml", "regoin: us-west-2\n").unwrap_err();
        assert!(
            failure.message.contains("plane.yaml:1:1"),
            "{}",
            failure.message
        );
        assert!(
            failure.message.contains("regoin: us-west-2"),
            "{}",
            failure.message
        );
        assert_eq!(
            failure.actions,
            ["did you mean `region`?"],
            "{}",
            failure.message
        );
    }

    #[test]
    fn what_init_writes_is_what_up_runs_without_a_file() {
        let written = parse("plane.yaml", crate::commands::STARTER).unwrap();
        assert_eq!(written, PlaneConfig::default());
    }
}
