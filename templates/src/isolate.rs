//! Every value on a page stands in a `<bdi>`, so that a text in a script that runs the other way moves
//! nothing around it (Unicode UAX #9, section 3.2).

/// Returns `template` with `<bdi>` around each value that is written as text. Values in attributes and in
/// `<title>`, where no element may stand, stay as they are.
pub(crate) fn isolate(template: &str) -> String {
    let mut isolated = String::with_capacity(template.len() * 2);
    let mut place = Place::default();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        place.pass(before);
        isolated.push_str(before);
        let (expression, next) = after.split_once("}}").unwrap_or((after, ""));
        let whole = format!("{{{{{expression}}}}}");
        if is_value(expression) && place.is_text() {
            isolated.push_str("<bdi>");
            isolated.push_str(&whole);
            isolated.push_str("</bdi>");
        } else {
            isolated.push_str(&whole);
        }
        rest = next;
    }
    isolated.push_str(rest);
    isolated
}

/// Values that the hub makes itself, of ASCII letters and digits.
const OWN: [&str; 6] = [
    "code",
    "digest",
    "incident",
    "notice.code",
    "notice.incident",
    "transaction",
];

/// Whether a Handlebars expression writes a value that is not the hub's own: no block, comment or partial.
fn is_value(expression: &str) -> bool {
    let expression = expression.trim();
    !OWN.contains(&expression)
        && !expression.starts_with(['#', '/', '!', '>', '^'])
        && expression.split_whitespace().next() != Some("else")
}

/// Where in the HTML a template is being read.
#[derive(Debug, Default)]
struct Place {
    in_tag: bool,
    in_title: bool,
}

impl Place {
    fn pass(&mut self, html: &str) {
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
