#include "client/command_agreement_new.h"

#include <memory>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/blank_agreement.h"
#include "policy/text.h"
#include "policy/words.h"

namespace entente::client {
namespace {

struct NewOptions {
  std::string kind;
  std::vector<std::string> parties;
};

std::optional<policy::AgreementKind> KindOf(absl::string_view word) {
  for (const auto& [name, kind] : policy::AllWords<policy::AgreementKind>()) {
    if (name == word) return kind;
  }
  return std::nullopt;
}

std::string KindsInWords() {
  std::vector<absl::string_view> words;
  for (const auto& [name, kind] : policy::AllWords<policy::AgreementKind>()) {
    words.push_back(name);
  }
  return absl::StrJoin(words, ", ");
}

absl::Status CheckParties(const std::vector<std::string>& parties,
                          const std::vector<std::string>& wanted) {
  std::set<std::string> seen;
  for (const std::string& party : parties) {
    if (!policy::kSlug.matches(party)) {
      return UsageError(absl::StrCat("--party: no agency id \"", party, "\""),
                        std::string(policy::kSlug.allowed));
    }
    if (!seen.insert(party).second) {
      return UsageError(absl::StrCat("--party: ", party, " is here twice"),
                        "each agency once");
    }
  }
  if (parties.size() <= wanted.size()) return absl::OkStatus();
  return UsageError(absl::StrCat("--party: this kind begins with ",
                                 wanted.size(), " parties"),
                    absl::StrCat("at most these, in this order: ",
                                 absl::StrJoin(wanted, ", "),
                                 "; add others in the document"));
}

absl::Status New(Session& session, const NewOptions& options) {
  const std::optional<policy::AgreementKind> kind = KindOf(options.kind);
  if (!kind.has_value()) {
    return UsageError(absl::StrCat("--kind: no kind \"", options.kind, "\""),
                      KindsInWords());
  }
  if (absl::Status ok =
          CheckParties(options.parties, policy::BlankPartiesOf(*kind));
      !ok.ok()) {
    return ok;
  }
  const std::string text = policy::BlankAgreement(*kind, options.parties);
  if (session.out().for_people()) {
    session.out().PrintText(text);
  } else {
    session.out().Print({{"kind", options.kind}, {"text", text}});
  }
  return absl::OkStatus();
}

}  // namespace

void RegisterAgreementNew(Command& agreement) {
  auto options = std::make_shared<NewOptions>();
  agreement
      .Sub("new",
           "A commented document to start from; `agreement check` names the "
           "blanks that are left",
           "entente agreement new --kind inter_force --party northmere "
           "--party westvale > agreement.yaml")
      .Required("--kind", "KIND", KindsInWords(), &options->kind)
      .Repeated("--party", "ID",
                "The agency id of a party, in the order in which the document "
                "has them; without it its name stands there in CAPITALS",
                &options->parties)
      .Does(Effect::kReads, Prints::kOne,
            [options](Session& session) { return New(session, *options); });
}

}  // namespace entente::client
