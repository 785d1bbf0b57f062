// One version of an agreement with all that proves it, in one file.
#ifndef ENTENTE_CLIENT_AGREEMENT_BUNDLE_H_
#define ENTENTE_CLIENT_AGREEMENT_BUNDLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "crypto/hex.h"

namespace entente::client {

// What a bundle's member `schema` says.
inline constexpr absl::string_view kBundleSchema =
    "entente-agreement-bundle/v1";
// The largest that is read: a document of 256 KiB and 200 signatures with their
// chains take a third of it.
inline constexpr size_t kMaxAgreementBundleBytes = 4 << 20;

// As it was exported: nothing in it is verified by having been read.
struct AgreementBundle {
  struct Signature {
    crypto::Bytes signature;  // on the document, in DSSE's encoding
    std::string chain;        // PEM, the signer's certificate first

    bool operator==(const Signature&) const = default;
  };
  // An entry of the agreement's ledger.
  struct Entry {
    std::string part;   // `isa-1`, or `isa-1.1`
    std::string entry;  // the line
    std::string proof;  // a tlog-proof

    bool operator==(const Entry&) const = default;
  };

  // What the document says of itself, so that people see it at the top.
  std::string agreement;
  int64_t version = 0;
  std::string digest;  // hex

  std::string document;  // canonical
  std::vector<Signature> signatures;
  // The next three only of a version that was activated.
  std::optional<Entry> activation;
  std::string manifest;                            // canonical
  std::map<std::string, std::string> key_bundles;  // by agency: DSSE envelopes

  bool operator==(const AgreementBundle&) const = default;
};

// JSON, indented, ended by a line feed. Bytes that are not UTF-8 become U+FFFD.
std::string PrintBundle(const AgreementBundle& bundle);

// Reads what PrintBundle writes. InvalidArgument, naming the member, for
// anything that is missing, unknown or of another form, and above
// kMaxAgreementBundleBytes. Safe on hostile input.
absl::StatusOr<AgreementBundle> ParseBundle(absl::string_view text);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_AGREEMENT_BUNDLE_H_
