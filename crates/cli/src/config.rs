//! Reading plane.yaml: strict, with the line shown and the nearest known word offered.

mod located;

use crate::output::Failure;
use plane::{Misfit, PlaneConfig};
use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

/// Longest plane.yaml, in bytes.
const LENGTH_MAX: u64 = 1 << 20;

/// The name that means standard input.
pub(crate) const STANDARD_INPUT: &str = "-";

/// The configuration in a file, in standard input (`-`), or the default one.
pub(crate) fn of(file: Option<&Path>) -> Result<PlaneConfig, Failure> {
    Ok(with_text(file)?.0)
}

/// The same, with the text that it was read from: standard input can be read once.
pub(crate) fn with_text(file: Option<&Path>) -> Result<(PlaneConfig, String), Failure> {
    let Some(file) = file else {
        return Ok((PlaneConfig::default(), String::new()));
    };
    let name = file.display().to_string();
    let text = read(file).map_err(|why| Failure::usage("unreadable-config", why))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    Ok((parse(&name, &text, folder)?, text))
}

/// The text of a file, or of standard input (`-`), no longer than it may be.
fn read(file: &Path) -> Result<String, String> {
    let name = file.display();
    let mut text = String::new();
    let length = if file == Path::new(STANDARD_INPUT) {
        std::io::stdin()
            .take(LENGTH_MAX + 1)
            .read_to_string(&mut text)
    } else {
        std::fs::File::open(file)
            .and_then(|opened| opened.take(LENGTH_MAX + 1).read_to_string(&mut text))
    };
    match length.map_err(|why| format!("`{name}`: {why}"))? as u64 > LENGTH_MAX {
        true => Err(format!("`{name}` is longer than {LENGTH_MAX} bytes")),
        false => Ok(text),
    }
}

/// Parses the text; `name` is what its errors call it, `folder` is where the files it names are.
pub(crate) fn parse(name: &str, text: &str, folder: &Path) -> Result<PlaneConfig, Failure> {
    let mut config: PlaneConfig =
        serde_saphyr::from_str(text).map_err(|why| refused(name, text, &why))?;
    let read_beside = |file: &Path| read(&folder.join(file));
    let files_read = match &mut config.organisation {
        Some(organisation) => organisation.read_files(&read_beside),
        None => Ok(()),
    };
    config.images.stand_in(folder);
    files_read
        .and_then(|()| config.validate())
        .map_err(|misfit| misfitting(name, text, folder, &misfit))?;
    Ok(config)
}

/// What is well spelt and yet cannot be, with the line that it is about: in this file, or in the
/// one that this file names.
fn misfitting(name: &str, text: &str, folder: &Path, misfit: &Misfit) -> Failure {
    let place = located::place_of(text, &misfit.at);
    let message = match (place, misfit.inside) {
        (Some(place), Some((line, column))) if misfit.at.last().is_some_and(|at| at == "file") => {
            let file = folder.join(place.scalar.as_deref().unwrap_or_default());
            let document = read(&file).unwrap_or_default();
            let name = file.display().to_string();
            excerpt(&name, &document, line, column, &misfit.sentence)
        }
        (Some(place), inside) => {
            let (line, column) = inside.map_or(place.start(), |within| place.within(text, within));
            excerpt(name, text, line, column, &misfit.sentence)
        }
        (None, _) => format!("`{name}`: {misfit}"),
    };
    Failure::usage("bad-config", message)
}

fn refused(name: &str, text: &str, why: &serde_saphyr::Error) -> Failure {
    let plain = why.without_snippet();
    let location = plain.location();
    let sentence = plain.to_string();
    // The excerpt shows the place; saying it twice helps nobody.
    let title = sentence.lines().next().unwrap_or_default();
    let title = title.split(" at line ").next().unwrap_or(title);
    let title = in_our_words(title);
    let title = title.as_ref();
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

/// The reader's sentence, without its advice to who calls it.
fn in_our_words(title: &str) -> Cow<'_, str> {
    match title.strip_prefix("duplicate mapping key: ") {
        Some(rest) => {
            let key = rest.split(',').next().unwrap_or(rest);
            format!("`{key}` stands there already").into()
        }
        None => title.into(),
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
    policy::nearest_word(unknown, words.map(|word| word.trim_matches('`')))
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
            ("unknown field `flie`, expected `file`", Some("file")),
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
        let failure = parse("plane.yaml", "regoin: us-west-2\n", Path::new("")).unwrap_err();
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
    fn a_key_that_stands_twice_is_named() {
        let twice = "region: us-west-2\nregion: eu-west-1\n";
        let failure = parse("plane.yaml", twice, Path::new("")).unwrap_err();
        let says = "`region` stands there already\n --> plane.yaml:2:1\n";
        assert!(failure.message.starts_with(says), "{}", failure.message);
    }

    const TANGLED: &str = "{\n  \"Version\": \"2012-10-17\",\n  \"Statment\": []\n}\n";

    /// A plane.yaml of one account, and a service control policy that stands there so.
    fn with_policy(policy: &str) -> String {
        format!(
            "accounts:\n  - alias: ci\n    id: \"111111111111\"\n\
             organisation:\n  management: ci\n  root:\n    service_control:\n      p:\n{policy}"
        )
    }

    #[test]
    fn a_malformed_policy_is_shown_where_it_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("p.json"), TANGLED).unwrap();
        let block: String = TANGLED
            .lines()
            .map(|line| format!("          {line}\n"))
            .collect();
        let rows = [
            ("        file: p.json\n".to_owned(), "p.json:3:3"),
            (format!("        document: |\n{block}"), "plane.yaml:12:13"),
            (format!("        document:\n{block}"), "plane.yaml:10:11"),
            ("        file: gone.json\n".to_owned(), "plane.yaml:9:15"),
            ("        {}\n".to_owned(), "plane.yaml:9:9"),
        ];
        for (policy, place) in rows {
            let text = with_policy(&policy);
            let failure = parse("plane.yaml", &text, folder.path()).unwrap_err();
            assert!(
                failure.message.contains(place),
                "{place}: {}",
                failure.message
            );
            if policy.contains("document") || policy.contains("p.json") {
                let sentence = "Syntax errors in policy. (";
                assert!(failure.message.starts_with(sentence), "{}", failure.message);
            }
        }
    }

    #[test]
    fn what_does_not_fit_together_is_shown_with_its_line() {
        let text = with_policy("        document: { Version: \"2012-10-17\", Statement: [] }\n")
            .replace("management: ci", "management: dev");
        let failure = parse("plane.yaml", &text, Path::new("")).unwrap_err();
        assert!(
            failure.message.starts_with("no account is called `dev`"),
            "{}",
            failure.message
        );
        assert!(
            failure.message.contains("plane.yaml:5:15"),
            "{}",
            failure.message
        );
    }

    #[test]
    fn what_init_writes_is_what_up_runs_without_a_file() {
        let written = parse("plane.yaml", crate::commands::STARTER, Path::new("")).unwrap();
        assert_eq!(written, PlaneConfig::default());
    }
}
