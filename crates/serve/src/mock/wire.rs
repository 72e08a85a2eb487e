//! What goes over the wire: percent encoding, forms, kinds of content.

use loadcase_publish::contracts::{Answer, Call};

use super::{Reply, Request, refuse};

/// Percent-decoded text; `+` is a space in queries and forms. Bytes that are no UTF-8 are replaced.
pub(crate) fn decoded(text: &str, form: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
        match (bytes[i], hex(i + 1), hex(i + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                i += 3;
            }
            (b'+', ..) if form => {
                out.push(b' ');
                i += 1;
            }
            (other, ..) => {
                out.push(other);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Names and values of a query or a form, in order.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|p| !p.is_empty())
        .map(|p| p.split_once('=').unwrap_or((p, "")))
        .map(|(n, v)| (decoded(n, true), decoded(v, true)))
        .collect()
}

/// The kind of content a call answers with.
pub(crate) const fn produced(call: &Call) -> Option<&'static str> {
    match call.answer {
        Answer::Page(..) | Answer::One(_) | Answer::Created(_) => Some("application/json"),
        Answer::Stream(_) => Some("text/event-stream"),
        Answer::Html => Some("text/html; charset=utf-8"),
        Answer::Done | Answer::Accepted | Answer::SeeOther => None,
    }
}

/// Refuses callers who take nothing that the call gives.
pub(crate) fn acceptable(call: &Call, request: &Request) -> Result<(), Reply> {
    let (Some(kind), Some(accept)) = (produced(call), request.header("accept")) else { return Ok(()) };
    let kind = kind.split(';').next().unwrap_or(kind);
    let group = kind.split('/').next().unwrap_or(kind);
    let takes = accept.split(',').any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let refused = parts.any(|p| matches!(p, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        !refused && (name.is_empty() || name == "*/*" || name == kind || name == format!("{group}/*"))
    });
    if takes { Ok(()) } else { Err(refuse(406, &format!("The answer is {kind}."))) }
}

/// The kind of content that was sent, without its parameters.
pub(crate) fn sent(request: &Request) -> Option<String> {
    let value = request.header("content-type")?;
    Some(value.split(';').next().unwrap_or(value).trim().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_is_undone_once() {
        assert_eq!(decoded("a%2Fb%2", false), "a/b%2");
        assert_eq!(decoded("a+b", false), "a+b");
        assert_eq!(
            pairs("a=1+2&b&c=%26"),
            [("a".into(), "1 2".into()), ("b".into(), String::new()), ("c".into(), "&".into())]
        );
    }
}
