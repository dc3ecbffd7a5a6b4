//! Isolation of text direction: a `<bdi>` element around every value on a page.
//!
//! Without it, a text in a right-to-left script could move the text around it (Unicode UAX #9, section
//! 3.2). Called by `page.rs`.

/// Returns `template` with `<bdi>` around each value in text.
///
/// Values in attributes and in `<title>`, which cannot contain elements, are not changed.
pub(crate) fn isolate(template: &str) -> String {
    let mut isolated = String::with_capacity(template.len() * 2);
    let mut position = Position::default();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        position.advance(before);
        isolated.push_str(before);
        let (expression, next) = after.split_once("}}").unwrap_or((after, ""));
        let braced = format!("{{{{{expression}}}}}");
        if is_value(expression) && position.is_text() {
            isolated.push_str("<bdi>");
            isolated.push_str(&braced);
            isolated.push_str("</bdi>");
        } else {
            isolated.push_str(&braced);
        }
        rest = next;
    }
    isolated.push_str(rest);
    isolated
}

/// Values that the hub creates itself, of ASCII letters and digits.
const OWN: [&str; 6] = [
    "code",
    "digest",
    "incident",
    "notice.code",
    "notice.incident",
    "transaction",
];

/// Whether a Handlebars expression writes a value that others provide: not a block, comment, partial or
/// value of the hub.
fn is_value(expression: &str) -> bool {
    let expression = expression.trim();
    !OWN.contains(&expression)
        && !expression.starts_with(['#', '/', '!', '>', '^'])
        && expression.split_whitespace().next() != Some("else")
}

/// The position in the HTML of a template.
#[derive(Debug, Default)]
struct Position {
    in_tag: bool,
    in_title: bool,
}

impl Position {
    fn advance(&mut self, html: &str) {
        for (at, c) in html.char_indices() {
            let here = html.get(at..).unwrap_or_default();
            match c {
                '<' => {
                    self.in_tag = true;
                    self.in_title |= here.starts_with("<title>");
                    self.in_title &= !here.starts_with("</title>");
                }
                '>' => self.in_tag = false,
                _ => {}
            }
        }
    }

    const fn is_text(&self) -> bool {
        !self.in_tag && !self.in_title
    }
}

#[cfg(test)]
mod tests {
    use super::isolate;

    #[test]
    fn a_value_in_text_is_isolated_and_one_in_an_attribute_or_the_title_is_not() {
        for (template, isolated) in [
            ("<p>{{name}}</p>", "<p><bdi>{{name}}</bdi></p>"),
            (
                "<a href=\"{{base}}/x\">{{this.[1]}}</a>",
                "<a href=\"{{base}}/x\"><bdi>{{this.[1]}}</bdi></a>",
            ),
            (
                "<title>{{a}} – {{b}}</title>{{c}}",
                "<title>{{a}} – {{b}}</title><bdi>{{c}}</bdi>",
            ),
            (
                "<b{{#if x}} class=\"y\"{{/if}}>{{#each l}}{{this}}{{else}}{{../n}}{{/each}}",
                "<b{{#if x}} class=\"y\"{{/if}}>{{#each l}}<bdi>{{this}}</bdi>{{else}}<bdi>{{../n}}</bdi>{{/each}}",
            ),
        ] {
            assert_eq!(isolate(template), isolated);
        }
    }
}
