//! Types of the conditions that a status can show. Strings only; the kinds decide when each is set.

/// The resource in AWS matches the spec and can be used.
pub const READY: &str = "Ready";
/// In progress: present only while true, never beside `Stalled`.
pub const RECONCILING: &str = "Reconciling";
/// Action required: present only while true, never beside `Reconciling`.
pub const STALLED: &str = "Stalled";
/// The function exists in AWS; the message is its ARN.
pub const FUNCTION_CREATED: &str = "FunctionCreated";
/// The alias exists in AWS; the message is its ARN.
pub const ALIAS_CREATED: &str = "AliasCreated";
/// The statement of the permission exists in AWS; the message is the ARN of the function, version or alias that has it.
pub const PERMISSION_CREATED: &str = "PermissionCreated";
/// The last change of a permission left no moment without a statement.
pub const REPLACED_WITHOUT_GAP: &str = "ReplacedWithoutGap";
/// The function URL exists in AWS; the message is the ARN of the function or alias that has it.
pub const URL_CREATED: &str = "FunctionUrlCreated";
/// The event invoke configuration exists in AWS; the message is the ARN of what it belongs to.
pub const EVENT_INVOKE_CONFIG_CREATED: &str = "EventInvokeConfigCreated";
/// The provisioned concurrency exists in AWS; the message is the ARN of what it belongs to.
pub const PROVISIONED_CONCURRENCY_CREATED: &str = "ProvisionedConcurrencyCreated";
/// The event source mapping exists in AWS; the message is its ARN.
pub const MAPPING_CREATED: &str = "EventSourceMappingCreated";
/// The event source mapping is enabled, and the last invocation did not fail.
pub const PROCESSING: &str = "Processing";
/// The code signing configuration exists in AWS; the message is its ARN.
pub const CODE_SIGNING_CONFIG_CREATED: &str = "CodeSigningConfigCreated";
/// The version of the layer exists in AWS; the message is its ARN.
pub const LAYER_VERSION_CREATED: &str = "LayerVersionCreated";
/// A published version is ready to be invoked; the message is its number.
pub const VERSION_PUBLISHED: &str = "VersionPublished";
/// The function is attached to a VPC; the message is the VPC's id.
pub const VPC_CONNECTED: &str = "VpcConnected";
