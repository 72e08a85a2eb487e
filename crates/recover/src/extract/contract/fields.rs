//! What the name of a field tells about its content.

/// The words of a name in lower case: at separators and at capitals.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut before = '_';
    for c in name.chars() {
        if !c.is_alphanumeric() {
            before = '_';
            continue;
        }
        if before == '_' || (c.is_uppercase() && before.is_lowercase()) {
            out.push(String::new());
        }
        if let Some(word) = out.last_mut() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    out
}

/// Whether a field holds an amount of money.
pub(crate) fn is_money(name: &str) -> bool {
    const MONEY: &[&str] = &[
        "price", "amount", "balance", "cost", "fee", "salary", "payment", "subtotal", "fare", "money",
        "refund", "payout",
    ];
    let words = words(name);
    let Some(last) = words.last() else { return false };
    let named = MONEY.contains(&last.as_str()) || MONEY.iter().any(|m| last.strip_suffix('s') == Some(*m));
    // `total`, `discount` and `tax` may count anything else; with a word of money beside them they are money.
    let mixed = ["total", "discount", "tax", "credit", "debit", "value"].contains(&last.as_str())
        && words.iter().any(|w| MONEY.contains(&w.as_str()) || w == "order" || w == "invoice");
    named || mixed || (words.len() > 1 && words.first().is_some_and(|f| f == "unit") && last == "price")
}

/// Whether a field holds data of a payment card.
pub(crate) fn is_card(name: &str) -> bool {
    let joined = words(name).concat();
    [
        "cardnumber",
        "cvv",
        "cvc",
        "cvv2",
        "cardcvv",
        "securitycode",
        "cardsecuritynumber",
        "primaryaccountnumber",
        "pan",
        "trackdata",
    ]
    .iter()
    .any(|c| joined == *c || (c.len() > 4 && joined.ends_with(c)))
}

/// Whether a field tells tenants apart.
pub(crate) fn is_tenant(name: &str) -> bool {
    let joined = words(name).concat();
    ["tenantid", "tenant", "tenantkey", "organizationid", "organisationid", "orgid", "workspaceid"]
        .contains(&joined.as_str())
}

/// Whether a type is a binary float.
pub(crate) fn is_float(kind: &str) -> bool {
    let kind = kind.trim().to_ascii_lowercase();
    let head = kind.split(['(', ' ']).next().unwrap_or("");
    matches!(
        head,
        "float"
            | "double"
            | "real"
            | "float4"
            | "float8"
            | "float32"
            | "float64"
            | "binary_float"
            | "binary_double"
            | "f32"
            | "f64"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_money_cards_and_tenants() {
        for name in ["price", "unitPrice", "order_total", "TotalAmount", "balance", "shipping_cost"] {
            assert!(is_money(name), "{name}");
        }
        for name in ["total", "quantity", "priceList_id", "discount", "cost_center_id"] {
            assert!(!is_money(name), "{name}");
        }
        assert!(
            is_card("cardNumber") && is_card("cvv") && !is_card("company") && !is_card("discard_number_x")
        );
        assert!(is_tenant("tenant_id") && !is_tenant("tenant_name"));
        assert!(is_float("DOUBLE PRECISION") && is_float("FLOAT(8)") && !is_float("decimal(10,2)"));
    }
}
