//! The tokens in mails. They are made here, where mails are sent, so that no event and no queue ever holds one, and
//! kept as hashes.

use domain::identity::{OneTimeToken, TokenPurpose, User};
use kernel::{Code, Error, Result, School};
use runtime::App;
use store::{Key, RateLimit, keys};

use crate::letters::Mail;

/// Lets secret scanners recognise one.
const PREFIX: &str = "lot_";

/// Mails of one purpose that anybody can have sent to somebody's address by asking. Each purpose has its own, so that
/// whoever registered somebody else's address cannot keep the owner from the mail that gives it back.
const TO_ACCOUNT: RateLimit = RateLimit { name: "mail-account", burst: 5, per_seconds: 3600 };
/// The same, while the address may be a stranger's who never heard of us.
const TO_UNCONFIRMED: RateLimit = RateLimit { name: "mail-unconfirmed", burst: 5, per_seconds: 24 * 3600 };
/// Of one purpose to all unconfirmed addresses of a school, so that a sender's reputation outlives an attack by many. The
/// mail that comes of registering is not among them: registering has limits of its own, and somebody who asks again and
/// again must not keep newcomers from theirs.
const OF_SCHOOL: RateLimit = RateLimit { name: "mail-unconfirmed-school", burst: 2000, per_seconds: 3600 };
/// So many of a school's mails may bounce for good, or be called spam, before unconfirmed addresses get none for a while:
/// SES stops a whole account whose mails bounce, and somebody who registers addresses at random makes them.
pub(crate) const BOUNCES: RateLimit = RateLimit { name: "mail-bounces", burst: 20, per_seconds: 3600 };

/// A token before it is mailed.
pub(crate) struct Token {
    /// For the mail alone.
    pub(crate) text: String,
    pub(crate) key: Key<OneTimeToken>,
    pub(crate) kept: OneTimeToken,
}

impl Token {
    /// A new one: 160 random bits, in characters that a double click selects as one word.
    pub(crate) fn new(app: &App, school: &School, purpose: TokenPurpose, user: &User) -> Result<Self> {
        let mut secret = [0u8; 20];
        getrandom::fill(&mut secret).map_err(Error::internal)?;
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let text = format!("{PREFIX}{hex}");
        let key = keys::one_time_token(school, purpose, &text);
        Ok(Self { text, key, kept: OneTimeToken::new(purpose, user, app.now()) })
    }
}

/// Whether `user` may get this mail, which brings a token for `purpose`. Costs one of them.
pub(crate) async fn may_have_one_more(
    app: &App,
    school: &School,
    user: &User,
    mail: &dyn Mail,
    purpose: TokenPurpose,
) -> Result<bool> {
    let limit = if user.email_verified { TO_ACCOUNT } else { TO_UNCONFIRMED };
    if !user.email_verified && !app.store.has_token(school, BOUNCES, "", || app.now()).await? {
        return Ok(false);
    }
    let subject = format!("{} {}", user.id, purpose.name());
    let mut taken = app.store.take_token(school, limit, &subject, || app.now()).await;
    if taken.is_ok() && !user.email_verified && !mail.comes_of_registering() {
        taken = app.store.count_in_window(school, OF_SCHOOL, purpose.name(), app.now()).await.map(drop);
    }
    match taken {
        Err(error) if error.code() == Code::RATE_LIMITED => Ok(false),
        taken => taken.map(|()| true),
    }
}
