#include "policy/json_schema_parts.h"

#include "policy/value_reader.h"

namespace entente::policy {
namespace {

using json = SchemaJson;

// One line: no control, bidirectional or invisible character, and no space at
// either end.
constexpr char kLineRegex[] =
    "^(?! )(?!.* $)[^\\u0000-\\u001f\\u007f-\\u00a0\\u00ad\\u034f\\u061c\\u115f"
    "\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u2028-\\u202f"
    "\\u205f-\\u206f\\u3000\\u3164\\ud800-\\uf8ff\\ufe00-\\ufe0f\\ufeff\\uffa0"
    "\\ufff0-\\uffff]*$";

Member MemberOf(json schema, absl::string_view description, bool required) {
  schema["description"] = std::string(description);
  return {std::move(schema), required};
}

}  // namespace

Member Required(json schema, absl::string_view description) {
  return MemberOf(std::move(schema), description, true);
}

Member Optional(json schema, absl::string_view description) {
  return MemberOf(std::move(schema), description, false);
}

json MapOf(Members members) {
  json schema = {{"type", "object"}};
  json required = json::array();
  json properties = json::object();
  for (auto& [key, member] : members) {
    if (member.required) required.push_back(key);
    properties[key] = std::move(member.schema);
  }
  if (!required.empty()) schema["required"] = std::move(required);
  schema["properties"] = std::move(properties);
  schema["additionalProperties"] = false;
  return schema;
}

json MapTo(json value) {
  return {{"type", "object"}, {"additionalProperties", std::move(value)}};
}

json EntriesOf(const char* names, json value, size_t min, size_t max) {
  json schema = MapTo(std::move(value));
  schema["propertyNames"] = {{"pattern", names}};
  schema["minProperties"] = min;
  schema["maxProperties"] = max;
  return schema;
}

json ItemsOf(json item, size_t min, size_t max) {
  return {{"type", "array"},
          {"items", std::move(item)},
          {"minItems", min},
          {"maxItems", max}};
}

json Unique(json item, size_t min, size_t max) {
  json schema = ItemsOf(std::move(item), min, max);
  schema["uniqueItems"] = true;
  return schema;
}

json Matching(const char* regex) {
  return {{"type", "string"}, {"pattern", regex}};
}

json TextSchema(size_t min, size_t max) {
  return {{"type", "string"},
          {"minLength", min},
          {"maxLength", max},
          {"pattern", kLineRegex}};
}

json LineSchema() { return TextSchema(Length{}.min, Length{}.max); }

json IntegerSchema(int64_t min, int64_t max) {
  return {{"type", "integer"}, {"minimum", min}, {"maximum", max}};
}

json DaySchema() { return {{"type", "string"}, {"pattern", kDayRegex}}; }

json BooleanSchema() { return {{"type", "boolean"}}; }

json OneOfWords(const std::vector<std::string>& words) {
  return {{"enum", words}};
}

json Lines(size_t min, size_t max) { return Unique(LineSchema(), min, max); }

json Names(const char* regex, size_t min, size_t max) {
  return Unique(Matching(regex), min, max);
}

}  // namespace entente::policy
