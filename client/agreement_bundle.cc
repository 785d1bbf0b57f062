#include "client/agreement_bundle.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/hex.h"
#include "crypto/json.h"

namespace entente::client {
namespace {

using crypto::Json;

// Reads one object member by member; keeps the first problem.
class BundleReader {
 public:
  BundleReader(const Json& object, std::string path)
      : object_(object), path_(std::move(path)) {
    if (!object_.is_object()) Fail("", "is no object");
  }

  bool Has(const char* key) const {
    return object_.is_object() && object_.contains(key);
  }
  std::string Text(const char* key) {
    const Json* value = Member(key);
    if (value == nullptr) return "";
    if (!value->is_string()) {
      Fail(key, "is no text");
      return "";
    }
    return value->get<std::string>();
  }
  int64_t Integer(const char* key) {
    const Json* value = Member(key);
    if (value == nullptr) return 0;
    if (!value->is_number_integer()) {
      Fail(key, "is no whole number");
      return 0;
    }
    return value->get<int64_t>();
  }
  // An array or an object; null if it is neither.
  const Json* Structure(const char* key, bool array) {
    const Json* value = Member(key);
    if (value == nullptr) return nullptr;
    if (array ? value->is_array() : value->is_object()) return value;
    Fail(key, array ? "is no list" : "is no object");
    return nullptr;
  }
  void Fail(absl::string_view key, absl::string_view problem) {
    if (!problem_.ok()) return;
    problem_ = absl::InvalidArgumentError(absl::StrCat(
        path_, path_.empty() || key.empty() ? "" : ".", key, " ", problem));
  }
  // Also for members that nobody asked for.
  absl::Status Finish() {
    if (problem_.ok() && found_ != object_.size()) {
      Fail("",
           path_.empty() ? "there are unknown members" : "has unknown members");
    }
    return problem_;
  }

 private:
  const Json* Member(const char* key) {
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(key);
    if (found == object_.end()) {
      Fail(key, "is missing");
      return nullptr;
    }
    ++found_;
    return &*found;
  }

  const Json& object_;
  const std::string path_;
  size_t found_ = 0;
  absl::Status problem_;
};

absl::StatusOr<AgreementBundle::Signature> ReadSignature(
    const Json& object, const std::string& path) {
  BundleReader reader(object, path);
  AgreementBundle::Signature signature;
  const auto bytes = crypto::FromBase64(reader.Text("signature"));
  if (bytes.ok()) {
    signature.signature = *bytes;
  } else {
    reader.Fail("signature", "is not base64");
  }
  signature.chain = reader.Text("chain");
  if (absl::Status read = reader.Finish(); !read.ok()) return read;
  return signature;
}

absl::StatusOr<AgreementBundle::Entry> ReadEntry(const Json& object) {
  BundleReader reader(object, "activation");
  AgreementBundle::Entry entry;
  entry.part = reader.Text("ledger");
  entry.entry = reader.Text("entry");
  entry.proof = reader.Text("proof");
  if (absl::Status read = reader.Finish(); !read.ok()) return read;
  return entry;
}

// The members of a version that was activated.
absl::Status ReadActivation(BundleReader& reader, AgreementBundle* out) {
  if (!reader.Has("activation")) return absl::OkStatus();
  if (const Json* entry = reader.Structure("activation", false)) {
    auto read = ReadEntry(*entry);
    if (!read.ok()) return read.status();
    out->activation = *std::move(read);
  }
  out->manifest = reader.Text("manifest");
  const Json* bundles = reader.Structure("key_bundles", false);
  if (bundles == nullptr) return absl::OkStatus();
  for (const auto& [agency, envelope] : bundles->items()) {
    if (!envelope.is_string()) {
      return absl::InvalidArgumentError(
          absl::StrCat("key_bundles.", agency, " is no text"));
    }
    out->key_bundles[agency] = envelope.get<std::string>();
  }
  return absl::OkStatus();
}

}  // namespace

std::string PrintBundle(const AgreementBundle& bundle) {
  Json signatures = Json::array();
  for (const AgreementBundle::Signature& one : bundle.signatures) {
    signatures.push_back(
        {{"signature", crypto::ToBase64(one.signature)}, {"chain", one.chain}});
  }
  nlohmann::ordered_json json = {{"schema", std::string(kBundleSchema)},
                                 {"agreement", bundle.agreement},
                                 {"version", bundle.version},
                                 {"digest", bundle.digest},
                                 {"document", bundle.document},
                                 {"signatures", std::move(signatures)}};
  if (bundle.activation.has_value()) {
    json["activation"] = {{"ledger", bundle.activation->part},
                          {"entry", bundle.activation->entry},
                          {"proof", bundle.activation->proof}};
    json["manifest"] = bundle.manifest;
    json["key_bundles"] = Json(bundle.key_bundles);
  }
  // A broker's bytes need not be UTF-8; what is none does not verify anyway.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::StatusOr<AgreementBundle> ParseBundle(absl::string_view text) {
  if (text.size() > kMaxAgreementBundleBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has more than ", kMaxAgreementBundleBytes, " bytes"));
  }
  const absl::StatusOr<Json> json = crypto::ParseJson(text);
  if (!json.ok()) return json.status();
  BundleReader reader(*json, "");
  if (reader.Text("schema") != kBundleSchema) {
    reader.Fail("schema", absl::StrCat("is not ", kBundleSchema));
  }
  AgreementBundle bundle;
  bundle.agreement = reader.Text("agreement");
  bundle.version = reader.Integer("version");
  bundle.digest = reader.Text("digest");
  bundle.document = reader.Text("document");
  if (const Json* list = reader.Structure("signatures", true)) {
    for (size_t i = 0; i < list->size(); ++i) {
      auto read =
          ReadSignature((*list)[i], absl::StrCat("signatures[", i, "]"));
      if (!read.ok()) return read.status();
      bundle.signatures.push_back(*std::move(read));
    }
  }
  if (absl::Status read = ReadActivation(reader, &bundle); !read.ok()) {
    return read;
  }
  if (absl::Status read = reader.Finish(); !read.ok()) return read;
  return bundle;
}

}  // namespace entente::client
