//! The date pattern of an IdP, such as `DD/MM/YYYY`.
//!
//! Called by the mapping rules.

/// A pattern of `YYYY`, `MM` and `DD`. Every other character stands for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(String);

impl Pattern {
    /// Parses a pattern, which must contain each of the three parts once.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let count = |letter: char| text.chars().filter(|c| *c == letter).count();
        let is_complete = ["YYYY", "MM", "DD"].iter().all(|part| text.contains(part));
        let once = (count('Y'), count('M'), count('D')) == (4, 2, 2);
        (is_complete && once && text.len() <= 20)
            .then(|| Self(text.to_owned()))
            .ok_or("expected YYYY, MM and DD once each, \"DD/MM/YYYY\"")
    }

    /// Converts `text` to `YYYY-MM-DD`. Returns `None` if it does not match the pattern.
    pub(super) fn read(&self, text: &str) -> Option<String> {
        let (mut year, mut month, mut day) = (String::new(), String::new(), String::new());
        let mut sent = text.trim().chars();
        for expected in self.0.chars() {
            let c = sent.next()?;
            match expected {
                'Y' if c.is_ascii_digit() => year.push(c),
                'M' if c.is_ascii_digit() => month.push(c),
                'D' if c.is_ascii_digit() => day.push(c),
                literal if literal == c && !"YMD".contains(c) => {}
                _ => return None,
            }
        }
        sent.next()
            .is_none()
            .then(|| format!("{year}-{month}-{day}"))
    }
}
