#include "crypto/dsse.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "crypto/json.h"

namespace entente::crypto {
namespace {

// A member that is there and text. `found` counts the members that were read,
// so that a reader can tell whether others are left.
absl::StatusOr<std::string> Text(const Json& object, const char* key,
                                 size_t* found) {
  const auto member = object.find(key);
  if (member == object.end() || !member->is_string()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the envelope lacks the text `", key, "`"));
  }
  ++*found;
  return member->get<std::string>();
}

absl::StatusOr<EnvelopeSignature> ReadSignature(const Json& object) {
  if (!object.is_object()) {
    return absl::InvalidArgumentError("a signature is no object");
  }
  EnvelopeSignature signature;
  size_t found = 0;
  absl::StatusOr<std::string> encoded = Text(object, "sig", &found);
  if (!encoded.ok()) return encoded.status();
  absl::StatusOr<Bytes> bytes = FromBase64(*encoded);
  if (!bytes.ok()) return bytes.status();
  signature.signature = *std::move(bytes);
  for (const auto& [key, target] :
       {std::pair{"keyid", &signature.keyid}, {"chain", &signature.chain}}) {
    if (!object.contains(key)) continue;
    absl::StatusOr<std::string> text = Text(object, key, &found);
    if (!text.ok()) return text.status();
    *target = *std::move(text);
  }
  if (found != object.size()) {
    return absl::InvalidArgumentError("a signature has unknown members");
  }
  return signature;
}

}  // namespace

Bytes PreAuthEncoding(absl::string_view payload_type,
                      absl::Span<const uint8_t> payload) {
  const std::string head = absl::StrCat("DSSEv1 ", payload_type.size(), " ",
                                        payload_type, " ", payload.size(), " ");
  Bytes bytes(head.begin(), head.end());
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

std::string PrintEnvelope(const Envelope& envelope) {
  Json signatures = Json::array();
  for (const EnvelopeSignature& signature : envelope.signatures) {
    Json printed = {{"sig", ToBase64(signature.signature)}};
    if (!signature.keyid.empty()) printed["keyid"] = signature.keyid;
    if (!signature.chain.empty()) printed["chain"] = signature.chain;
    signatures.push_back(std::move(printed));
  }
  return Json{{"payload", ToBase64(envelope.payload)},
              {"payloadType", envelope.payload_type},
              {"signatures", std::move(signatures)}}
      .dump();
}

absl::StatusOr<Envelope> ParseEnvelope(absl::string_view text) {
  if (text.size() > kMaxEnvelopeBytes) {
    return absl::InvalidArgumentError("the envelope is too long");
  }
  const absl::StatusOr<Json> json = ParseJson(text);
  if (!json.ok()) return json.status();
  if (!json->is_object()) {
    return absl::InvalidArgumentError("the envelope is no object");
  }
  Envelope envelope;
  size_t found = 0;
  absl::StatusOr<std::string> type = Text(*json, "payloadType", &found);
  if (!type.ok()) return type.status();
  envelope.payload_type = *std::move(type);
  const absl::StatusOr<std::string> encoded = Text(*json, "payload", &found);
  if (!encoded.ok()) return encoded.status();
  absl::StatusOr<Bytes> payload = FromBase64(*encoded);
  if (!payload.ok()) return payload.status();
  envelope.payload = *std::move(payload);
  const auto signatures = json->find("signatures");
  if (signatures == json->end() || !signatures->is_array() ||
      signatures->size() > kMaxEnvelopeSignatures ||
      json->size() != found + 1) {
    return absl::InvalidArgumentError(
        "the envelope has no list of signatures, too many, or unknown members");
  }
  for (const Json& object : *signatures) {
    absl::StatusOr<EnvelopeSignature> signature = ReadSignature(object);
    if (!signature.ok()) return signature.status();
    envelope.signatures.push_back(*std::move(signature));
  }
  return envelope;
}

}  // namespace entente::crypto
