//! A route as API Gateway names it.

use std::fmt;

/// The methods that routes use.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
    /// Of [`Route::DEFAULT`] alone.
    Any,
}

impl Method {
    /// As it stands in a request line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Any => "ANY",
        }
    }
}

/// Method and path; `{name}` stands for one segment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Route {
    pub method: Method,
    pub path: &'static str,
}

impl Route {
    /// What no other route takes.
    pub const DEFAULT: Self = Self { method: Method::Any, path: "$default" };

    /// The names between braces, in order.
    pub fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.method {
            Method::Any => f.write_str(self.path),
            method => write!(f, "{} {}", method.as_str(), self.path),
        }
    }
}

macro_rules! methods {
    ($($function:ident $method:ident;)*) => {$(
        #[doc = concat!("A `", stringify!($method), "` route.")]
        #[must_use]
        pub const fn $function(path: &'static str) -> Route {
            Route { method: Method::$method, path }
        }
    )*};
}

methods! { get Get; post Post; put Put; patch Patch; delete Delete; }
