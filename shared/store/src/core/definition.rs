//! The table as the template makes it, for machines without CloudFormation; tests/conformance/state.rs holds the template
//! to the same shape. Only the stream is left out: nothing here reads it, and the emulator looks through all of its
//! records whenever it adds one, so that every write would be slower than the one before.

use aws_sdk_dynamodb::{
    Client, Error,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
        ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
    },
};

use super::key::GSI1;

/// Creates the table `name`.
///
/// # Errors
/// It exists, or DynamoDB fails.
pub async fn create_table(client: &Client, name: &str) -> Result<(), Error> {
    let attribute = |name| {
        AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build()
    };
    let key = |name, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    let index = GlobalSecondaryIndex::builder()
        .index_name(GSI1)
        .key_schema(key("GSI1PK", KeyType::Hash)?)
        .key_schema(key("GSI1SK", KeyType::Range)?)
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()?;
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("PK")?)
        .attribute_definitions(attribute("SK")?)
        .attribute_definitions(attribute("GSI1PK")?)
        .attribute_definitions(attribute("GSI1SK")?)
        .key_schema(key("PK", KeyType::Hash)?)
        .key_schema(key("SK", KeyType::Range)?)
        .global_secondary_indexes(index)
        .send()
        .await?;
    let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name("ttl").build()?;
    client.update_time_to_live().table_name(name).time_to_live_specification(ttl).send().await?;
    Ok(())
}
