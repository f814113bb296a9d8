//! table stream → the queues of the subscribers

fn main() -> Result<(), runtime::Error> {
    runtime::serve_stream::<events::relay_events::RelayEvents>()
}
