//! The `options` of a StartupMessage: settings in the form of a command line.

/// Splits `options` into settings, by their names in lower case, as PostgreSQL's own command line
/// is read: `-c name=value`, `-cname=value` or `--name=value`, blanks between them, and a backslash
/// before whatever is to stand for itself.
///
/// # Errors
/// What is wrong, when it is anything else.
pub(super) fn split(options: &str) -> Result<Vec<(String, String)>, &'static str> {
    let mut words = words(options).into_iter();
    let mut settings = Vec::new();
    while let Some(word) = words.next() {
        let setting = match word.strip_prefix("--").or_else(|| word.strip_prefix("-c")) {
            Some("") if word == "-c" => words.next().unwrap_or_default(),
            Some(rest) => rest.to_owned(),
            None => return Err("invalid command-line argument in startup packet's options"),
        };
        let Some((name, value)) = setting.split_once('=').filter(|(name, _)| !name.is_empty())
        else {
            return Err("a setting in startup packet's options has no value");
        };
        // `--search-path` is another way to write `search_path`.
        settings.push((name.replace('-', "_").to_ascii_lowercase(), value.to_owned()));
    }
    Ok(settings)
}

/// Splits at blanks, as C's `isspace` has them, and resolves backslashes.
fn words(options: &str) -> Vec<String> {
    let is_blank = |c: char| matches!(c, ' ' | '\t'..='\r');
    let mut words = Vec::new();
    let mut characters = options.chars().peekable();
    loop {
        while characters.next_if(|c| is_blank(*c)).is_some() {}
        if characters.peek().is_none() {
            return words;
        }
        let mut word = String::new();
        while let Some(c) = characters.next_if(|c| !is_blank(*c)) {
            word.extend(if c == '\\' { characters.next() } else { Some(c) });
        }
        words.push(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(options: &str) -> Vec<(String, String)> {
        split(options).unwrap()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn as_postgresql_reads_its_command_line() {
        let both = [pair("geqo", "off"), pair("statement_timeout", "5min")];
        assert_eq!(settings("-c geqo=off -c statement_timeout=5min"), both);
        assert_eq!(settings("  -cgeqo=off\t\n--statement-timeout=5min "), both);
        assert_eq!(settings(r"-c application_name=a\ b\\c"), [pair("application_name", r"a b\c")]);
        assert_eq!(settings("-c Row_Security=off"), [pair("row_security", "off")]);
        assert_eq!(settings("-c a=b=c"), [pair("a", "b=c")]);
        assert_eq!(settings("-c a="), [pair("a", "")]);
        assert_eq!(settings(""), []);
    }

    #[test]
    fn nothing_else() {
        for options in ["-d 5", "-c", "-c a", "--", "-cx", "x=y", "-c =b", "-ea"] {
            let result = split(options);
            assert!(result.is_err(), "{options}: {result:?}");
        }
    }
}
