//! Blueprint x workload becomes a forecast: queueing, availability, cost, people.
