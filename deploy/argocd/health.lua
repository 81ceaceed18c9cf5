-- The health of an object of this operator in Argo CD, by the rules (kstatus) that kubectl, Helm and Flux use.
-- Add this script to the ConfigMap argocd-cm once for each kind, with the keys resource.customizations.health.lambda-operator.io_LambdaFunction,
-- …_LambdaAlias, …_LambdaPermission, …_LambdaFunctionUrl, …_LambdaFunctionEventInvokeConfig,
-- …_LambdaProvisionedConcurrencyConfig, …_LambdaEventSourceMapping, …_LambdaCodeSigningConfig and …_LambdaLayerVersion.
local status = obj.status or {}

local function condition(name)
  for _, one in ipairs(status.conditions or {}) do
    if one.type == name then return one end
  end
  return {}
end

local function said(words, one)
  if not one.reason then return words end
  return words .. one.reason .. ": " .. (one.message or "")
end

-- Ignores conditions of an older generation. observedGeneration is -1 before the first reconcile.
local seen = status.observedGeneration == obj.metadata.generation
local ready, stalled = condition("Ready"), condition("Stalled")

if obj.metadata.deletionTimestamp then
  return {status = "Progressing", message = seen and said("The function is being deleted: ", ready) or "The function is being deleted"}
end
if obj.spec.suspend then
  return {status = "Suspended", message = "spec.suspend is true: the operator makes no AWS calls"}
end
if not seen then
  return {status = "Progressing", message = "Waiting for the operator"}
end
if ready.reason == "HandingOver" then
  return {status = "Suspended", message = said("", ready)}
end
if stalled.status == "True" then
  return {status = "Degraded", message = said("", stalled)}
end
if ready.status == "True" then
  return {status = "Healthy", message = ready.message}
end
return {status = "Progressing", message = said("", ready)}
