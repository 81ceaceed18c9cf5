{{- define "lambda-operator.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* A release that already has the chart's name in its own is not given it twice. 56 characters leave room for the longest suffix, "-leases". */}}
{{- define "lambda-operator.fullname" -}}
{{- $name := include "lambda-operator.name" . }}
{{- $full := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) }}
{{- .Values.fullnameOverride | default $full | trunc 56 | trimSuffix "-" }}
{{- end }}

{{/* Labels that never change, because a Deployment's selector is immutable. */}}
{{- define "lambda-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "lambda-operator.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "lambda-operator.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "lambda-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "lambda-operator.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (.Values.serviceAccount.create | ternary (include "lambda-operator.fullname" .) "default") }}
{{- end }}

{{- define "lambda-operator.image" -}}
{{- with .Values.image }}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{/* For templates/crd.yaml, which is generated. Empty where there is none. */}}
{{- define "lambda-operator.crdAnnotations" -}}
{{- $keep := .Values.crds.keep | ternary (dict "helm.sh/resource-policy" "keep") dict }}
{{- with merge $keep .Values.crds.annotations }}{{ toYaml . }}{{ end }}
{{- end }}

{{/* Spreads over zones first, then over nodes. It never keeps a pod from being scheduled. */}}
{{- define "lambda-operator.topologySpreadConstraints" -}}
{{- if .Values.topologySpreadConstraints }}
{{- toYaml .Values.topologySpreadConstraints }}
{{- else if gt (int .Values.replicas) 1 }}
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "lambda-operator.selectorLabels" $ | nindent 6 }}
{{- end }}
{{- end }}
{{- end }}

{{/* What the operator does with its own kinds. It is granted in the whole cluster even where only some namespaces are watched: a namespace that is
being deleted loses its RoleBindings before the finalizers in it have done their work. */}}
{{- define "lambda-operator.ownRules" -}}
# controller/reconcile lists and watches the objects, and reads one again just before it creates, deletes or takes over its resource. Before it
# takes a function over from another object, it reads that object, too: whether it agrees.
# controller/references reads the LambdaFunction or LambdaAlias that another object names.
# controller/finalizer patches the finalizer, which is in the object itself. Nothing else of it is ever written.
- apiGroups: [lambda-operator.io]
  resources: [lambdafunctions, lambdaaliases, lambdapermissions, lambdafunctionurls, lambdafunctioneventinvokeconfigs, lambdaprovisionedconcurrencyconfigs, lambdaeventsourcemappings, lambdacodesigningconfigs, lambdalayerversions]
  verbs: [get, list, watch, patch]
# controller/report applies the status, and only the status.
- apiGroups: [lambda-operator.io]
  resources: [lambdafunctions/status, lambdaaliases/status, lambdapermissions/status, lambdafunctionurls/status, lambdafunctioneventinvokeconfigs/status, lambdaprovisionedconcurrencyconfigs/status, lambdaeventsourcemappings/status, lambdacodesigningconfigs/status, lambdalayerversions/status]
  verbs: [patch]
{{- end }}

{{/* What it does with others' kinds where its objects are: a ClusterRole's rules, or those of a Role in each namespace. */}}
{{- define "lambda-operator.namespacedRules" -}}
# controller/report publishes Events.
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
# controller/references reads those that an object names, by name, and keeps nothing of them.{{ if .Values.watchReferences }} controller/watch watches them: it asks for
# metadata alone, but RBAC has no verb for that.{{ end }}
- apiGroups: [""]
  resources: [{{ if eq .Values.secretAccess "cluster" }}secrets, {{ end }}configmaps]
  verbs: [get{{ if .Values.watchReferences }}, list, watch{{ end }}]
{{- end }}

{{/* The ClusterRole that a namespace binds with secretAccess=perNamespace. */}}
{{- define "lambda-operator.secretRole" -}}
{{ include "lambda-operator.fullname" . }}-reader
{{- end }}
