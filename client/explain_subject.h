// What `agreement explain` is asked about: a version of an agreement, and how
// far it was verified.
#ifndef ENTENTE_CLIENT_EXPLAIN_SUBJECT_H_
#define ENTENTE_CLIENT_EXPLAIN_SUBJECT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli.h"
#include "client/output.h"
#include "client/verified_document.h"
#include "policy/compiled_agreement.h"
#include "policy/register.h"

namespace entente::client {

struct ExplainSubject {
  std::shared_ptr<const policy::CompiledAgreement> agreement;  // never null
  // The version and what it stands under, for Decide.
  std::shared_ptr<const policy::Register> reg;
  // How far it was verified: a printable text of lines, and the same as data.
  std::string words;
  Record record;
};

// The document in the first of `files`, which are not empty, with the
// overarching ones in the others, as if all had been signed and activated. `-`
// is standard input. The code AGREEMENT_INVALID for a file that does not pass
// its checks; as ReadInput.
absl::StatusOr<ExplainSubject> SubjectOfFiles(
    Session& session, const std::vector<std::string>& files);

// The version of `agreement` that is in force, or else the highest, with what
// it stands under. In force: as FetchVerified, so nothing rests on the broker's
// word. Otherwise as FetchDocument, and the register says what is missing. One
// that the broker alone calls over counts as ended.
absl::StatusOr<ExplainSubject> SubjectAtBroker(Session& session,
                                               const std::string& agreement);

// The same of every agreement that the broker lists for the profile's agency
// and that names both agencies as parties, by id; there may be none. That
// another is not listed is the broker's word.
absl::StatusOr<std::vector<ExplainSubject>> SubjectsBetween(
    Session& session, const std::string& one, const std::string& other);

// What was found out about `document`, for SubjectAtBroker. `manifest` is the
// digest of the key manifest that was verified, or empty.
std::string VerificationInWords(const VerifiedDocument& document,
                                const std::string& manifest);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_EXPLAIN_SUBJECT_H_
