// Reads the members of a JSON object whose every member is known.
#ifndef ENTENTE_CERTS_JSON_MEMBERS_H_
#define ENTENTE_CERTS_JSON_MEMBERS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "crypto/hex.h"
#include "crypto/json.h"

namespace entente::certs {

// Keeps the first problem; Finish returns it. What could not be read is empty.
class JsonMembers {
 public:
  // `what` names the document in errors. `object` is borrowed.
  JsonMembers(const crypto::Json& object, absl::string_view what);

  void Constant(const char* key, absl::string_view value);
  std::string Text(const char* key);
  // Exactly `size` bytes.
  crypto::Bytes Base64(const char* key, size_t size);
  // Exactly 32 bytes of lower-case hex, as the text.
  std::string HexDigest(const char* key);
  // 0 or more.
  int64_t Integer(const char* key);
  // An array; empty if it is none.
  const crypto::Json& Array(const char* key);

  // InvalidArgument for a member that is missing, of another form, or unknown.
  absl::Status Finish() const;

 private:
  const crypto::Json* Member(const char* key);
  void Fail(const char* key, absl::string_view problem);

  const crypto::Json& object_;
  const std::string what_;
  size_t found_ = 0;
  absl::Status problem_;
};

}  // namespace entente::certs

#endif  // ENTENTE_CERTS_JSON_MEMBERS_H_
