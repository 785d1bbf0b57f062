#include "client/json_value.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace entente::client {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMaxDepth = 16;

absl::StatusOr<Value> Convert(const Json& json, int depth) {
  if (depth > kMaxDepth) {
    return absl::InvalidArgumentError("the JSON nests too deep");
  }
  if (json.is_null()) return Value();
  if (json.is_boolean()) return Value(json.get<bool>());
  if (json.is_string()) return Value(json.get<std::string>());
  if (json.is_number_integer()) return Value(json.get<int64_t>());
  if (json.is_array()) {
    std::vector<Value> values;
    for (const Json& item : json) {
      absl::StatusOr<Value> value = Convert(item, depth + 1);
      if (!value.ok()) return value.status();
      values.push_back(*std::move(value));
    }
    return Value(std::move(values));
  }
  if (!json.is_object()) {
    return absl::InvalidArgumentError("the JSON holds a fraction");
  }
  Record record;
  for (auto it = json.begin(); it != json.end(); ++it) {
    absl::StatusOr<Value> value = Convert(it.value(), depth + 1);
    if (!value.ok()) return value.status();
    record.emplace_back(it.key(), *std::move(value));
  }
  return Value(std::move(record));
}

}  // namespace

absl::StatusOr<Value> ReadJson(absl::string_view text) {
  const Json json = Json::parse(text.begin(), text.end(), /*cb=*/nullptr,
                                /*allow_exceptions=*/false);
  if (json.is_discarded()) return absl::InvalidArgumentError("no JSON");
  return Convert(json, 0);
}

}  // namespace entente::client
