//! Faults in code and text of several languages are seen, and sound code is left alone.

use super::super::checks::Material;
use super::fixture::catalog;

fn spotted(topic: &str, material: &str) -> Vec<String> {
    let catalog = catalog();
    let checks = &catalog.topics.get(topic).expect("the topic is there").checks;
    Material::new(material).spotted(checks).iter().map(|s| s.check.id.to_string()).collect()
}

fn assert_sees(topic: &str, material: &str, wanted: &[&str]) {
    let seen = spotted(topic, material);
    for id in wanted {
        assert!(seen.iter().any(|s| s == id), "{id} is not among {seen:?} in\n{material}");
    }
}

fn assert_spares(topic: &str, material: &str, unwanted: &[&str]) {
    let seen = spotted(topic, material);
    for id in unwanted {
        assert!(!seen.iter().any(|s| s == id), "{id} is seen in\n{material}");
    }
}

#[test]
fn payment_code_in_javascript() {
    let code = "router.post('/checkout', async (req, res) => {\n  await knex.transaction(async (trx) => {\n    \
                const charge = await stripe.charges.create({ amount: parseFloat(req.body.total), source });\n    \
                await trx('orders').update({ status: 'paid' });\n  });\n  await bus.publish('order.paid', id);\n  \
                console.log('card', req.body.cardNumber);\n});\n\
                router.post('/webhook', (req, res) => orders.setState(req.body.id, req.body.state));\n";
    assert_sees(
        "payments-review",
        code,
        &[
            "no-idempotency",
            "call-in-transaction",
            "dual-write",
            "unsigned-webhook",
            "float-money",
            "card-data",
        ],
    );
}

#[test]
fn payment_code_in_java_and_go() {
    let java = "@Transactional\npublic void pay(Order order, double amount) {\n    gateway.charge(order.card(), amount);\n    \
                accounts.updateBalance(order.customer(), balance - amount);\n    kafkaTemplate.send(\"paid\", order.id());\n}\n";
    assert_sees(
        "payments-review",
        java,
        &["call-in-transaction", "float-money", "dual-write", "updated-balance"],
    );
    let go = "tx, err := db.Begin()\ndefer tx.Rollback()\nres, err := psp.Capture(ctx, token, amount)\n\
              tx.Exec(\"update orders set state='PAID' where id=$1\", id)\ntx.Commit()\nproducer.Produce(msg)\n";
    assert_sees("payments-review", go, &["call-in-transaction", "dual-write", "status-without-guard"]);
}

#[test]
fn faults_told_in_prose_are_seen() {
    let prose = "Our service calls the provider and charges the card while the transaction is open.\n\
                 After a timeout we retry the charge up to five times.\nThe webhook has no signature check.\n";
    assert_sees("payments-review", prose, &["no-idempotency", "unsigned-webhook"]);
}

#[test]
fn sound_payment_code_is_left_alone() {
    let code = "with db.transaction():\n    payment = insert_payment(order, idempotency_key, amount_minor, currency)\n\
                result = provider.charge(token, amount_minor, idempotency_key=payment.key, timeout=5)\n\
                with db.transaction():\n    db.execute(\"update payments set state='captured' where id=? and state='pending'\", id)\n    \
                outbox.add('payment.captured', id)\n# webhook: verify signature (hmac), store event id, then process\n\
                # reconciliation runs daily against the provider report\n";
    assert_spares(
        "payments-review",
        code,
        &[
            "no-idempotency",
            "call-in-transaction",
            "dual-write",
            "unsigned-webhook",
            "float-money",
            "card-data",
        ],
    );
}

#[test]
fn api_descriptions_and_handlers() {
    let routes = "GET /getCustomers            returns all customers\nGET /orders?limit=50&after=x\n\
                  POST /createOrder {items, price}\nPOST /exportInvoices         builds a PDF, takes a minute\n\
                  GET /invoices?userId=7&api_key=abc\nTokens never expire; clients poll every 3 seconds\n\
                  GET /search?q=  select * from products where name like '%q%'\n";
    assert_sees(
        "api-review",
        routes,
        &[
            "list-without-pages",
            "verbs-in-paths",
            "unsafe-post",
            "slow-in-request",
            "identity-from-client",
            "secrets-in-addresses",
            "endless-token",
            "polling",
            "price-from-client",
            "search-by-scan",
            "no-version",
        ],
    );
    let handler = "app.get('/v1/feed', async (req, res) => {\n  const posts = await db.query('select id from posts limit 50');\n  \
                   for (const post of posts) {\n    post.author = await db.query('select name from users where id = $1', [post.authorId]);\n  }\n});\n";
    assert_sees("api-review", handler, &["n-plus-one"]);
    assert_spares(
        "api-review",
        handler,
        &["no-version", "list-without-pages", "secrets-in-addresses", "polling"],
    );
}
