//! Helm charts whose templates never end, or whose values grow.

use crate::survey_of;

fn chart(template: &str, values: &str) {
    let survey = survey_of(&[
        ("c/Chart.yaml", "name: c\nversion: 1.0.0\n"),
        ("c/values.yaml", values),
        ("c/templates/a.yaml", template),
    ]);
    assert!(survey.files == 3);
}

#[test]
fn pieces_use_themselves() {
    chart("{{ define \"a\" }}x{{ include \"a\" . }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}", "");
    chart(
        "{{ define \"a\" }}{{ template \"b\" . }}{{ end }}{{ define \"b\" }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}",
        "",
    );
    chart("{{ tpl .Values.x . }}", "x: '{{ tpl .Values.x . }}{{ tpl .Values.x . }}'\n");
}

#[test]
fn ranges_in_ranges_end() {
    let list = format!("l: [{}]\n", "1,".repeat(2000));
    chart(&format!("{}x{}", "{{ range $.Values.l }}".repeat(30), "{{ end }}".repeat(30)), &list);
    chart(&format!("{}x{}", "{{ range until 100000 }}".repeat(30), "{{ end }}".repeat(30)), &list);
    chart(
        "{{ range untilStep 0 1000000000 1 }}x{{ end }}{{ repeat 1000000000 \"x\" }}{{ indent 1000000000 \"x\" }}",
        &list,
    );
}

#[test]
fn what_is_written_does_not_double_for_ever() {
    let pieces: String = (1..40)
        .map(|at| format!("{{{{ define \"p{at}\" }}}}{{{{ $x := include \"p{0}\" . }}}}{{{{ printf \"%s%s%s%s\" $x $x $x $x }}}}{{{{ end }}}}\n", at - 1))
        .collect();
    chart(
        &format!("{{{{ define \"p0\" }}}}0123456789{{{{ end }}}}{pieces}a: {{{{ include \"p39\" . }}}}"),
        "",
    );
    chart(
        &format!(
            "{{{{ $x := \"0123456789\" }}}}{}a: {{{{ $x }}}}",
            "{{ $x = printf \"%s%s\" $x $x }}".repeat(100)
        ),
        "",
    );
    chart(&format!("{{{{ $x := list 1 2 }}}}{}a: {{{{ $x }}}}", "{{ $x = list $x $x }}".repeat(100)), "");
    chart(
        &format!(
            "{{{{ $x := dict \"a\" 1 }}}}{}a: {{{{ toYaml $x }}}}",
            "{{ $x = dict \"a\" $x \"b\" $x }}".repeat(100)
        ),
        "",
    );
    chart(
        &format!("{{{{ $x := \"xx\" }}}}{}a: {{{{ $x }}}}", "{{ $x = replace \"x\" $x $x }}".repeat(20)),
        "",
    );
    chart(
        &format!(
            "{{{{ $x := \"xx\" }}}}{}a: {{{{ $x }}}}",
            "{{ $x = $x | quote | indent 9 | nindent 9 }}".repeat(500)
        ),
        "",
    );
}

#[test]
fn large_values_are_not_copied_for_every_step() {
    let values: String = (0..50_000).map(|at| format!("k{at}: v\n")).collect();
    chart(
        &format!(
            "{}x{}",
            "{{ range $k, $v := $.Values }}{{ with $ }}".repeat(3),
            "{{ end }}{{ end }}".repeat(3)
        ),
        &values,
    );
    chart(&"{{ $x := . }}{{ $y := $.Values }}\n".repeat(10_000), &values);
    chart(&"{{ toYaml .Values }}\n".repeat(10_000), &values);
    chart(&"{{ with .Values }}{{ include \"a\" $ }}{{ end }}\n".repeat(10_000), &values);
}

#[test]
fn a_chart_is_read_once_for_all_its_templates() {
    let values: String = (0..20_000).map(|at| format!("k{at}: v\n")).collect();
    let helpers = "{{ define \"x\" }}y{{ end }}\n".repeat(20_000);
    let mut files = vec![
        ("c/Chart.yaml".to_owned(), "name: c\n".to_owned()),
        ("c/values.yaml".to_owned(), values),
        ("c/templates/_helpers.tpl".to_owned(), helpers),
    ];
    let manifest = "kind: Service\nmetadata:\n  name: {{ .Release.Name }}\n";
    files.extend((0..1000).map(|at| (format!("c/templates/t{at}.yaml"), manifest.to_owned())));
    survey_of(&files);
}
