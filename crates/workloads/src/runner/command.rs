//! What a container runs: its command and arguments over those of the image.

use super::env::expand;
use super::problem::Problem;
use crate::pod::Container;

/// What an image says of the process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ImageConfig {
    pub(crate) entrypoint: Vec<String>,
    pub(crate) cmd: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) working_dir: String,
    pub(crate) uid: Option<u32>,
    pub(crate) gid: Option<u32>,
}

/// The words of the command. A `command` replaces entry point and arguments of the image; `args`
/// alone replace only its arguments.
pub(crate) fn words(
    container: &Container,
    image: &ImageConfig,
    env: &[(String, String)],
) -> Result<Vec<String>, Problem> {
    let known = |name: &str| {
        let mut env = env.iter();
        env.find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    };
    let expanded = |words: &[String]| -> Vec<String> {
        words.iter().map(|word| expand(word, known)).collect()
    };
    let (command, args) = (expanded(&container.command), expanded(&container.args));
    let words = match (command.is_empty(), args.is_empty()) {
        (false, _) => [command, args].concat(),
        (true, false) => [image.entrypoint.clone(), args].concat(),
        (true, true) => [image.entrypoint.clone(), image.cmd.clone()].concat(),
    };
    if words.is_empty() {
        return Err(Problem::Config("no command specified".to_owned()));
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(command: &str, args: &str, expected: &str) {
        let split = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        let container = Container {
            command: split(command),
            args: split(args),
            ..Container::default()
        };
        let image = ImageConfig {
            entrypoint: split("entry"),
            cmd: split("one two"),
            ..ImageConfig::default()
        };
        let env = [("A".to_owned(), "1".to_owned())];
        let found = words(&container, &image, &env).unwrap();
        assert_eq!(found.join(" "), expected);
    }

    #[test]
    fn a_command_replaces_the_whole_image_and_arguments_only_those_of_it() {
        check("", "", "entry one two");
        check("run", "", "run");
        check("", "x", "entry x");
        check("run", "x", "run x");
    }

    #[test]
    fn words_may_name_variables() {
        check("run", "$(A) $(B) $$(A)", "run 1 $(B) $(A)");
    }

    #[test]
    fn neither_image_nor_container_with_a_command_is_refused() {
        let refused = words(&Container::default(), &ImageConfig::default(), &[]);
        assert_eq!(refused.unwrap_err().to_string(), "no command specified");
    }
}
