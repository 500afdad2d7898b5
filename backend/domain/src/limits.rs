//! Every limit of the contract. Lengths count Unicode scalar values unless they say bytes.

/// Longest name of an event.
pub const NAME_MAX: usize = 200;
/// Longest location of an event.
pub const LOCATION_MAX: usize = 200;
/// Longest description of an event.
pub const DESCRIPTION_MAX: usize = 2_000;
/// Largest request body, in bytes as the client sends them (the gateway may encode them in base64).
pub const BODY_MAX_BYTES: usize = 32 * 1024;
/// Longest `Idempotency-Key`, in visible ASCII characters.
pub const IDEMPOTENCY_KEY_MAX: usize = 255;
/// Most events on a page of the list, and the default.
pub const PAGE_MAX: usize = 100;
/// Most events of a calendar feed.
pub const FEED_MAX: usize = 1_000;
