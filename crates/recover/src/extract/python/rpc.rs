//! gRPC: channels to others and how long their calls wait, ports that are served.

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::python::call::callers;
use crate::extract::python::code::Code;
use crate::extract::python::{is_python, is_test};
use crate::sighting::{Entry, Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads gRPC.
pub(crate) const EXTRACTOR: Extractor =
    Extractor { id: "python-grpc", reads: is_python, sees: &[Aspect::Timeout, Aspect::Tls], extract };

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if is_test(source) || source.name().ends_with("_pb2_grpc.py") {
        return;
    }
    let Some(code) = Code::of(source) else { return };
    if !code.uses("grpc") {
        return;
    }
    for call in code.calls() {
        let callee = code.callee(call);
        let line = syntax::line(call);
        match callee.as_str() {
            "grpc.insecure_channel"
            | "grpc.secure_channel"
            | "grpc.aio.insecure_channel"
            | "grpc.aio.secure_channel" => {
                let target = code.arg(call, Some(0), "target");
                let value = target.and_then(|t| code.value(t)).unwrap_or_default();
                let values =
                    if value.starts_with('{') { callers(&code, target, call) } else { vec![(call, value)] };
                for (at, value) in values {
                    let reach = Reach::new(ReachKind::Call, value.clone(), "grpc");
                    out.span(syntax::line(at), syntax::last_line(at), Seen::Reach(Box::new(reach)));
                    if callee.ends_with("insecure_channel") {
                        out.practice(line, Aspect::Tls, State::Absent, value, "a channel without encryption");
                    }
                }
            }
            "grpc.server" | "grpc.aio.server" => {
                out.add(line, Seen::Entry(Entry { framework: Some("grpc".to_owned()) }));
            }
            _ => {
                let (object, method) = code.method(call);
                if method == "add_insecure_port" {
                    let port =
                        code.arg(call, Some(0), "address").and_then(|a| code.value(a)).unwrap_or_default();
                    out.practice(line, Aspect::Tls, State::Absent, port, "a port without encryption");
                }
                let is_stub = object.rsplit('.').next().is_some_and(|o| o.ends_with("Stub"));
                if is_stub && method.starts_with(char::is_uppercase) {
                    let limited = code.arg(call, None, "timeout").is_some();
                    let state = if limited { State::Present } else { State::Absent };
                    let detail = if limited { "a deadline" } else { "gRPC waits for ever by default" };
                    out.practice(line, Aspect::Timeout, state, method, detail);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, reaches, see};

    #[test]
    fn channels_and_deadlines() {
        let text = "import grpc, os\nimport shop_pb2_grpc\naddr = os.environ.get('CATALOG_ADDR', '')\nchannel = grpc.insecure_channel(addr)\nstub = shop_pb2_grpc.CatalogStub(channel)\ndef go():\n    return stub.List(1)\n";
        let seen = see("svc/a.py", text);
        assert_eq!(reaches(&seen), ["Call ${CATALOG_ADDR}"]);
        assert!(practices(&seen).contains(&"Timeout Absent List".to_owned()));
    }
}
