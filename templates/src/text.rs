//! Plain text from a template: configuration of other programs, which the hub only prints.
//!
//! Called by the command line.

use handlebars::Handlebars;
use serde::Serialize;

use crate::RenderError;

/// Renders `template` with `values`. Values are not escaped.
///
/// # Errors
/// [`RenderError::Template`] with `name` if the template is not valid or uses a value that `values` does
/// not have.
pub fn fill(
    name: &'static str,
    template: &str,
    values: &impl Serialize,
) -> Result<String, RenderError> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.register_escape_fn(handlebars::no_escape);
    engine
        .render_template(template, values)
        .map_err(|_broken| RenderError::Template(name))
}
