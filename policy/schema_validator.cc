#include "policy/schema_validator.h"

#include <unistr.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <regex>
#include <set>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "policy/text.h"

namespace entente::policy {
namespace {

using nlohmann::json;

std::wstring WideOf(absl::string_view text) {
  std::wstring wide;
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  for (size_t at = 0; at < text.size();) {
    ucs4_t character = 0;
    at += size_t(u8_mbtouc(&character, bytes + at, text.size() - at));
    wide.push_back(wchar_t(character));
  }
  return wide;
}

bool IsOfType(const std::string& type, const json& value) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "boolean") return value.is_boolean();
  ADD_FAILURE() << "unknown type " << type;
  return false;
}

class Validator {
 public:
  std::string Fault(const json& schema, const json& value,
                    const std::string& at) {
    for (const auto& [keyword, wanted] : schema.items()) {
      const std::string fault = Check(schema, keyword, wanted, value, at);
      if (!fault.empty()) return fault;
    }
    return "";
  }

 private:
  std::string Check(const json& schema, const std::string& keyword,
                    const json& wanted, const json& value,
                    const std::string& at) {
    static const std::set<std::string> kSilent = {"$schema", "$id", "title",
                                                  "description"};
    if (kSilent.count(keyword) > 0) return "";
    bool holds = true;
    if (keyword == "type") {
      holds = IsOfType(wanted.get<std::string>(), value);
    } else if (keyword == "const") {
      holds = value == wanted;
    } else if (keyword == "enum") {
      holds = std::find(wanted.begin(), wanted.end(), value) != wanted.end();
    } else if (keyword == "anyOf") {
      holds = std::any_of(wanted.begin(), wanted.end(), [&](const json& one) {
        return Fault(one, value, at).empty();
      });
    } else if (value.is_string()) {
      holds = TextHolds(keyword, wanted, value.get<std::string>());
    } else if (value.is_number_integer()) {
      const int64_t number = value.get<int64_t>();
      if (keyword == "minimum") holds = number >= wanted.get<int64_t>();
      if (keyword == "maximum") holds = number <= wanted.get<int64_t>();
    } else if (value.is_array()) {
      return CheckArray(keyword, wanted, value, at);
    } else if (value.is_object()) {
      return CheckObject(schema, keyword, wanted, value, at);
    }
    return holds ? "" : absl::StrCat(at, ": ", keyword);
  }

  static bool TextHolds(const std::string& keyword, const json& wanted,
                        const std::string& text) {
    if (keyword == "pattern")
      return RegexFinds(wanted.get<std::string>(), text);
    if (keyword == "minLength") {
      return CountCharacters(text) >= wanted.get<size_t>();
    }
    if (keyword == "maxLength") {
      return CountCharacters(text) <= wanted.get<size_t>();
    }
    return true;
  }

  std::string CheckArray(const std::string& keyword, const json& wanted,
                         const json& value, const std::string& at) {
    bool holds = true;
    if (keyword == "minItems") holds = value.size() >= wanted.get<size_t>();
    if (keyword == "maxItems") holds = value.size() <= wanted.get<size_t>();
    if (keyword == "uniqueItems") {
      holds = std::set<json>(value.begin(), value.end()).size() == value.size();
    }
    if (keyword == "items") {
      for (size_t i = 0; i < value.size(); ++i) {
        const std::string fault =
            Fault(wanted, value[i], absl::StrCat(at, "/", i));
        if (!fault.empty()) return fault;
      }
    }
    return holds ? "" : absl::StrCat(at, ": ", keyword);
  }

  std::string CheckObject(const json& schema, const std::string& keyword,
                          const json& wanted, const json& value,
                          const std::string& at) {
    bool holds = true;
    if (keyword == "minProperties") {
      holds = value.size() >= wanted.get<size_t>();
    } else if (keyword == "maxProperties") {
      holds = value.size() <= wanted.get<size_t>();
    } else if (keyword == "required") {
      for (const json& key : wanted) {
        holds = holds && value.contains(key.get<std::string>());
      }
    } else if (keyword == "propertyNames") {
      for (const auto& [key, part] : value.items()) {
        holds = holds && Fault(wanted, json(key), at).empty();
      }
    } else if (keyword == "properties" || keyword == "additionalProperties") {
      return CheckParts(schema, keyword, wanted, value, at);
    } else {
      static const std::set<std::string> kOfOthers = {
          "pattern",  "minLength", "maxLength",   "minimum", "maximum",
          "minItems", "maxItems",  "uniqueItems", "items"};
      EXPECT_GT(kOfOthers.count(keyword), 0u) << keyword;
    }
    return holds ? "" : absl::StrCat(at, ": ", keyword);
  }

  std::string CheckParts(const json& schema, const std::string& keyword,
                         const json& wanted, const json& value,
                         const std::string& at) {
    const json none = json::object();
    const json& named =
        schema.contains("properties") ? schema["properties"] : none;
    for (const auto& [key, part] : value.items()) {
      if (named.contains(key) != (keyword == "properties")) continue;
      const json& of = keyword == "properties" ? wanted[key] : wanted;
      if (of.is_boolean()) {
        if (!of.get<bool>()) return absl::StrCat(at, "/", key, ": ", keyword);
        continue;
      }
      const std::string fault = Fault(of, part, absl::StrCat(at, "/", key));
      if (!fault.empty()) return fault;
    }
    return "";
  }
};

}  // namespace

std::string SchemaFault(const json& schema, const json& document) {
  return Validator().Fault(schema, document, "");
}

bool RegexFinds(const std::string& regex, absl::string_view text) {
  static auto& compiled = *new std::map<std::string, std::wregex>();
  const auto [found, is_new] = compiled.try_emplace(regex);
  if (is_new) found->second = std::wregex(WideOf(regex));
  return std::regex_search(WideOf(text), found->second);
}

}  // namespace entente::policy
