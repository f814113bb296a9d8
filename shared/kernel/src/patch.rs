//! Fields of an edit: absent means keep. [`Change`] cannot be null; [`Patch`] can, and null clears.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};

/// A new value, or none.
#[derive(Clone, PartialEq, Debug)]
pub struct Change<T>(pub Option<T>);

impl<T> Default for Change<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Change<T> {
    /// Moves the new value, if there is one, into `field`.
    pub fn apply(self, field: &mut T) {
        if let Some(value) = self.0 {
            *field = value;
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(|value| Self(Some(value)))
    }
}

impl<T: JsonSchema> JsonSchema for Change<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// Keep, clear or set.
#[derive(Clone, PartialEq, Debug)]
pub struct Patch<T>(Option<Option<T>>);

impl<T> Default for Patch<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Patch<T> {
    /// Clears or sets `field`, if the request says so.
    pub fn apply(self, field: &mut Option<T>) {
        if let Some(value) = self.0 {
            *field = value;
        }
    }

    /// The new value, if one is set.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.0.as_ref()?.as_ref()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<T>::deserialize(deserializer).map(|value| Self(Some(value)))
    }
}

impl<T: JsonSchema> JsonSchema for Patch<T> {
    fn schema_name() -> Cow<'static, str> {
        Option::<T>::schema_name()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }
}
