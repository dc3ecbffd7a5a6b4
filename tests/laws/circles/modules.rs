//! The modules of a crate: what each defines and imports, and which paths its code names.

use std::collections::{BTreeMap, BTreeSet};

use syn::{
    Attribute, Expr, File, Item, Token, UseTree, Visibility,
    parse::Parser,
    punctuated::Punctuated,
    visit::{self, Visit},
};

/// A path as written, such as `["super", "session", "EndMark"]`.
pub(super) type Segments = Vec<String>;

/// One file of a crate.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// The items that it defines.
    pub(super) defined: BTreeSet<String>,
    /// What it imports: the name here, and the path.
    pub(super) imported: BTreeMap<String, Segments>,
    /// The modules of which it imports everything.
    pub(super) globs: Vec<Segments>,
    /// The paths that make it depend on others: those of its code, and of its private imports.
    pub(super) named: Vec<Segments>,
}

impl Module {
    /// Reads the module `path` in `file` and those below it into `modules`, whose keys are paths joined
    /// by `::`. Modules of tests are left out.
    pub(super) fn read_tree(
        file: &str,
        path: &[String],
        read: &dyn Fn(&str) -> Option<String>,
        modules: &mut BTreeMap<String, Self>,
    ) {
        let text = read(file).unwrap_or_else(|| panic!("no file {file}"));
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let mut module = Self::default();
        module.read(&parsed);
        modules.insert(path.join("::"), module);
        for item in parsed.items {
            let Item::Mod(child) = item else { continue };
            if child.content.is_some() || is_test(&child.attrs) {
                continue;
            }
            let mut path = path.to_vec();
            path.push(child.ident.to_string());
            let stem = path.join("/");
            let nested = format!("{stem}/mod.rs");
            let file = if read(&nested).is_some() {
                nested
            } else {
                format!("{stem}.rs")
            };
            Self::read_tree(&file, &path, read, modules);
        }
    }

    fn read(&mut self, file: &File) {
        for item in file.items.iter().filter(|item| !is_test(attributes(item))) {
            self.defined.extend(name(item));
            if let Item::Use(import) = item {
                let is_private = matches!(import.vis, Visibility::Inherited);
                self.import(&import.tree, &mut Vec::new(), is_private);
            } else {
                self.visit_item(item);
            }
        }
    }

    fn import(&mut self, tree: &UseTree, prefix: &mut Segments, is_private: bool) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.import(&path.tree, prefix, is_private);
                prefix.pop();
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, prefix, is_private);
                }
            }
            UseTree::Glob(_) => self.globs.push(prefix.clone()),
            UseTree::Name(leaf) => {
                let name = leaf.ident.to_string();
                self.import_as(name.clone(), prefix, name, is_private);
            }
            UseTree::Rename(leaf) => {
                let name = leaf.ident.to_string();
                self.import_as(name, prefix, leaf.rename.to_string(), is_private);
            }
        }
    }

    fn import_as(&mut self, name: String, prefix: &[String], here: String, is_private: bool) {
        let mut path = prefix.to_vec();
        let is_module = name == "self";
        let here = if is_module && here == name {
            prefix.last().cloned().unwrap_or(here)
        } else {
            here
        };
        if !is_module {
            path.push(name);
        }
        // An import that nothing names may bring the methods of a trait.
        if is_private {
            self.named.push(path.clone());
        }
        self.imported.insert(here, path);
    }
}

impl<'ast> Visit<'ast> for Module {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, import: &'ast syn::ItemUse) {
        self.import(&import.tree, &mut Vec::new(), true);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter();
        self.named
            .push(segments.map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    /// The arguments of a macro are expressions in most macros; those of others are left out.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let arguments = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(arguments) = arguments.parse2(call.tokens.clone()) {
            for argument in &arguments {
                Visit::visit_expr(&mut Argument(self), argument);
            }
        }
        visit::visit_macro(self, call);
    }
}

/// Visits an expression that does not live as long as the file.
struct Argument<'m>(&'m mut Module);

impl<'ast> Visit<'ast> for Argument<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter();
        let segments = segments.map(|segment| segment.ident.to_string()).collect();
        self.0.named.push(segments);
        visit::visit_path(self, path);
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let word = attribute.parse_args::<syn::Ident>();
        attribute.path().is_ident("cfg") && word.is_ok_and(|word| word == "test")
    })
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enum of the parser grows, and only these kinds matter here"
)]
fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enum of the parser grows, and only these kinds matter here"
)]
fn name(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Mod(item) if item.content.is_some() => &item.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}
