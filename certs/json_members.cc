#include "certs/json_members.h"

#include "absl/strings/str_cat.h"

namespace entente::certs {

JsonMembers::JsonMembers(const crypto::Json& object, absl::string_view what)
    : object_(object), what_(what) {
  if (!object.is_object()) {
    problem_ = absl::InvalidArgumentError(absl::StrCat(what_, " is no object"));
  }
}

void JsonMembers::Fail(const char* key, absl::string_view problem) {
  if (!problem_.ok()) return;
  problem_ = absl::InvalidArgumentError(
      absl::StrCat("`", key, "` of ", what_, " ", problem));
}

const crypto::Json* JsonMembers::Member(const char* key) {
  if (!object_.is_object()) return nullptr;
  const auto member = object_.find(key);
  if (member == object_.end()) {
    Fail(key, "is missing");
    return nullptr;
  }
  ++found_;
  return &*member;
}

void JsonMembers::Constant(const char* key, absl::string_view value) {
  if (Text(key) != value) Fail(key, absl::StrCat("is not ", value));
}

std::string JsonMembers::Text(const char* key) {
  const crypto::Json* member = Member(key);
  if (member == nullptr) return "";
  if (!member->is_string()) {
    Fail(key, "is no text");
    return "";
  }
  return member->get<std::string>();
}

crypto::Bytes JsonMembers::Base64(const char* key, size_t size) {
  const absl::StatusOr<crypto::Bytes> bytes = crypto::FromBase64(Text(key));
  if (!bytes.ok() || bytes->size() != size) {
    Fail(key, absl::StrCat("is not base64 of ", size, " bytes"));
    return crypto::Bytes(size);
  }
  return *bytes;
}

std::string JsonMembers::HexDigest(const char* key) {
  std::string text = Text(key);
  const absl::StatusOr<crypto::Bytes> bytes = crypto::FromHex(text);
  if (!bytes.ok() || bytes->size() != 32) {
    Fail(key, "is not a digest of 64 hexadecimal digits");
  }
  return text;
}

int64_t JsonMembers::Integer(const char* key) {
  const crypto::Json* member = Member(key);
  if (member == nullptr) return 0;
  if (!member->is_number_integer() || member->get<int64_t>() < 0) {
    Fail(key, "is no whole number of 0 or more");
    return 0;
  }
  return member->get<int64_t>();
}

const crypto::Json& JsonMembers::Array(const char* key) {
  static const crypto::Json* const kEmpty =
      new crypto::Json(crypto::Json::array());
  const crypto::Json* member = Member(key);
  if (member == nullptr) return *kEmpty;
  if (!member->is_array()) {
    Fail(key, "is no array");
    return *kEmpty;
  }
  return *member;
}

absl::Status JsonMembers::Finish() const {
  if (!problem_.ok()) return problem_;
  if (found_ != object_.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(what_, " has members that nobody knows"));
  }
  return absl::OkStatus();
}

}  // namespace entente::certs
