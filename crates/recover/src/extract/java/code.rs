//! A file of Java or Kotlin as the extractors of this group want it: classes, annotations, methods and calls.
//!
//! Both languages are turned into the same shape once per file; the tree itself is not needed after that.

use std::cell::RefCell;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use crate::extract::java::{kotlin_tree, tree};
use crate::source::Source;

/// A file.
#[derive(Debug, Default)]
pub(crate) struct Code {
    /// Names that are imported, in full.
    pub(crate) imports: Vec<String>,
    /// Classes, interfaces, enums, records and objects, the inner ones as well. Functions of a Kotlin file that
    /// stand alone are gathered in a class without a name.
    pub(crate) classes: Vec<Class>,
}

/// What a class is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A class, object, enum or record.
    #[default]
    Class,
    /// An interface.
    Interface,
}

/// A class.
#[derive(Debug, Default)]
pub(crate) struct Class {
    /// Its name.
    pub(crate) name: String,
    /// What it is.
    pub(crate) kind: Kind,
    /// Its annotations.
    pub(crate) annotations: Vec<Annotation>,
    /// What it extends and implements, as written.
    pub(crate) supers: Vec<String>,
    /// Fields, constructor properties of Kotlin and components of records.
    pub(crate) fields: Vec<Field>,
    /// Methods and constructors.
    pub(crate) methods: Vec<Method>,
    /// First line.
    pub(crate) line: usize,
    /// Last line.
    pub(crate) last: usize,
}

/// A field.
#[derive(Debug, Default)]
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: String,
    /// Its type, as written.
    pub(crate) ty: String,
    /// Its annotations.
    pub(crate) annotations: Vec<Annotation>,
    /// Its first value.
    pub(crate) value: Option<Expr>,
    /// Whether it belongs to the class.
    pub(crate) is_static: bool,
    /// Line.
    pub(crate) line: usize,
}

/// A method or constructor.
#[derive(Debug, Default)]
pub(crate) struct Method {
    /// Its name; the class's for a constructor.
    pub(crate) name: String,
    /// What it returns, as written; empty for a constructor.
    pub(crate) returns: String,
    /// Its annotations.
    pub(crate) annotations: Vec<Annotation>,
    /// Parameters.
    pub(crate) params: Vec<Field>,
    /// Values given to names in the body, in order: declarations and assignments. The name of `this.x` is `x`.
    pub(crate) locals: Vec<Field>,
    /// Calls and creations in the body, in the order of the text.
    pub(crate) calls: Vec<Call>,
    /// What is returned.
    pub(crate) results: Vec<Expr>,
    /// Whether it has a body.
    pub(crate) has_body: bool,
    /// First line, annotations included.
    pub(crate) line: usize,
    /// Last line.
    pub(crate) last: usize,
    /// The text of the body.
    pub(crate) body: String,
}

/// An annotation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Annotation {
    /// Its name without package.
    pub(crate) name: String,
    /// Arguments; the key of a single value is `value`.
    pub(crate) args: Vec<(String, Expr)>,
    /// Line.
    pub(crate) line: usize,
}

/// A call, or a creation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Call {
    /// What it is called on.
    pub(crate) on: Option<Expr>,
    /// The method, or the class that is created.
    pub(crate) name: String,
    /// Arguments.
    pub(crate) args: Vec<Expr>,
    /// Whether an object is created.
    pub(crate) creates: bool,
    /// The arms of conditions it stands in, the outermost first.
    pub(crate) arms: Vec<Arm>,
    /// Byte of the file at which it begins.
    pub(crate) at: usize,
    /// Whether it stands in a loop or in a function that is called for each element.
    pub(crate) looped: bool,
    /// Line of the name.
    pub(crate) line: usize,
}

/// One arm of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arm {
    /// Byte at which the condition begins.
    pub(crate) condition: usize,
    /// Byte at which the condition ends, all its arms included.
    pub(crate) end: usize,
    /// Which arm.
    pub(crate) index: usize,
    /// Whether the method ends at the end of the arm.
    pub(crate) leaves: bool,
}

/// An expression, as far as it matters.
#[derive(Clone, Debug)]
pub(crate) enum Expr {
    /// A text.
    Text(String),
    /// A number, boolean or character.
    Literal(String),
    /// A name, with dots: `a`, `A.B`. `this.` is left out.
    Name(String),
    /// Texts that are joined.
    Concat(Vec<Self>),
    /// A call.
    Call(Box<Call>),
    /// A list of values.
    List(Vec<Self>),
    /// One of several: both sides of a condition.
    Either(Vec<Self>),
    /// An annotation in an annotation.
    Annotation(Box<Annotation>),
    /// Anything else.
    Other,
}

impl Expr {
    /// The call, when it is one.
    pub(crate) fn call(&self) -> Option<&Call> {
        match self {
            Self::Call(call) => Some(call),
            _ => None,
        }
    }

    /// The name, when it is one.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    /// The elements of a list; another expression counts as a list of one.
    pub(crate) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            other => std::slice::from_ref(other),
        }
    }

    /// The name a chain of calls begins with: `a` of `a.b().c()`.
    pub(crate) fn root(&self) -> Option<&str> {
        let mut at = self;
        loop {
            match at {
                Self::Name(name) => return Some(name),
                Self::Call(call) => match &call.on {
                    Some(on) => at = on,
                    None => return Some(&call.name),
                },
                _ => return None,
            }
        }
    }
}

impl Call {
    /// Whether one request cannot take both calls: they stand in different arms of a condition, or the method
    /// ends between them.
    pub(crate) fn excludes(&self, other: &Self) -> bool {
        let apart = |a: &Self, b: &Self| {
            a.arms.iter().any(|x| {
                b.arms.iter().any(|y| x.condition == y.condition && x.index != y.index)
                    || x.leaves && b.at >= x.end && !b.arms.iter().any(|y| y.condition == x.condition)
            })
        };
        apart(self, other) || apart(other, self)
    }

    /// The call before it in a chain: `a()` of `a().b()`.
    pub(crate) fn before(&self) -> Option<&Self> {
        self.on.as_ref().and_then(Expr::call)
    }

    /// The calls of its chain, itself first.
    pub(crate) fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |call| call.before())
    }

    /// The name of what it is called on, without `this.`.
    pub(crate) fn receiver(&self) -> Option<&str> {
        self.on.as_ref().and_then(Expr::name)
    }
}

impl Annotation {
    /// The value of the first of the keys that is given.
    pub(crate) fn arg(&self, keys: &[&str]) -> Option<&Expr> {
        keys.iter().find_map(|key| self.args.iter().find(|(k, _)| k == key).map(|(_, v)| v))
    }
}

/// The annotation of a name, among some.
pub(crate) fn annotated<'a>(annotations: &'a [Annotation], name: &str) -> Option<&'a Annotation> {
    annotations.iter().find(|a| a.name == name)
}

/// Whether one of the names is among the annotations.
pub(crate) fn has_any(annotations: &[Annotation], names: &[&str]) -> bool {
    annotations.iter().any(|a| names.contains(&a.name.as_str()))
}

impl Class {
    /// The field of a name.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// Whether one of the types it extends or implements is this one, without package and parameters.
    pub(crate) fn is_a(&self, ty: &str) -> bool {
        self.supers.iter().any(|s| simple(s) == ty)
    }
}

impl Method {
    /// The type of a name in the body: of a variable, a parameter or a field.
    pub(crate) fn type_of<'a>(&'a self, class: &'a Class, name: &str) -> Option<&'a str> {
        let local = self.locals.iter().find(|l| l.name == name && !l.ty.is_empty() && l.ty != "var");
        local
            .or_else(|| self.params.iter().find(|p| p.name == name))
            .or_else(|| class.field(name))
            .map(|f| f.ty.as_str())
            .filter(|t| !t.is_empty())
    }
}

impl Code {
    /// Whether something is imported whose name begins so.
    pub(crate) fn imports(&self, prefix: &str) -> bool {
        self.imports.iter().any(|i| i.starts_with(prefix))
    }
}

/// A type without package and parameters: `List` of `java.util.List<String>`.
pub(crate) fn simple(ty: &str) -> &str {
    let ty = ty.split('<').next().unwrap_or(ty).trim();
    ty.rsplit('.').next().unwrap_or(ty).trim_end_matches(['?', ')', '('])
}

/// The parameters of a type: `Order`, `Long` of `JpaRepository<Order, Long>`.
pub(crate) fn parameters(ty: &str) -> Vec<&str> {
    let Some((_, inner)) = ty.split_once('<') else { return Vec::new() };
    let inner = inner.trim_end().strip_suffix('>').unwrap_or(inner);
    let (mut depth, mut from, mut out) = (0i32, 0, Vec::new());
    for (at, c) in inner.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            ',' if depth == 0 => {
                out.push(inner[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    out.push(inner[from..].trim());
    out
}

thread_local! {
    /// The file read last: the extractors of this group read the same file one after the other.
    static LAST: RefCell<Option<(u64, Option<Rc<Code>>)>> = const { RefCell::new(None) };
}

/// Whether a file is of a language this group reads.
pub(crate) fn reads(path: &str) -> bool {
    path.ends_with(".java") || path.ends_with(".kt")
}

/// Reads a file; nothing when it cannot be parsed.
pub(crate) fn read(source: &Source<'_>) -> Option<Rc<Code>> {
    let mut hasher = DefaultHasher::new();
    (source.path, source.text).hash(&mut hasher);
    let key = hasher.finish();
    LAST.with(|last| {
        if let Some((at, code)) = &*last.borrow()
            && *at == key
        {
            return code.clone();
        }
        let code = if source.path.ends_with(".kt") {
            kotlin_tree::read(source.text)
        } else {
            tree::read(source.text)
        };
        let code = code.map(Rc::new);
        *last.borrow_mut() = Some((key, code.clone()));
        code
    })
}

/// Whether a file of tests: no practice, reach or endpoint comes from one.
pub(crate) fn is_test(source: &Source<'_>) -> bool {
    let name = source.name();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.ends_with("Test")
        || stem.ends_with("Tests")
        || stem.ends_with("IT")
        || source.path.contains("src/test/")
        || source.path.contains("src/testFixtures/")
        || source.path.contains("src/integrationTest/")
        || (source.is_test() && !source.path.contains("src/main/"))
}

#[cfg(test)]
mod tests {
    use super::{parameters, simple};

    #[test]
    fn types_fall_apart() {
        assert_eq!(simple("org.x.JpaRepository<Order, Long>"), "JpaRepository");
        assert_eq!(parameters("Map<String, List<A, B>>"), ["String", "List<A, B>"]);
    }
}
