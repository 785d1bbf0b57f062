// Documents for the tests of this folder.
#ifndef ENTENTE_POLICY_TEST_DOCUMENT_H_
#define ENTENTE_POLICY_TEST_DOCUMENT_H_

#include <array>
#include <string>

#include "absl/strings/string_view.h"

namespace entente::policy {

// The names of the four templates, without their folder.
inline constexpr std::array<absl::string_view, 4> kTemplates = {
    "academic-repeat-victimisation.yaml", "business-crime-partnership.yaml",
    "inter-force-burglary.yaml", "safeguarding-hub.yaml"};

// In the place of `witness: optional` and its line feed in SmallDocument: two
// witnesses, `panel` and `west`, both required, within 60 minutes.
inline constexpr absl::string_view kTwoWitnesses =
    "witness: required\n"
    "witnesses:\n"
    "  quorum: 2\n"
    "  missing_minutes: 60\n"
    "  named:\n"
    "    panel:\n"
    "      key: witness.example.org/w1+8ef38276+"
    "BHeYW/QCq+O/29LPWNBse88uoYqNfYuJMqM5zSWwq4yt\n"
    "      url: https://w1.example.org/panel\n"
    "    west:\n"
    "      key: witness.example.net/w2+a3441539+"
    "BEH9GwRbSdlFNiHSfhDWOR2dU8gmpJOyGQyY4wYRTig3\n"
    "      url: http://127.0.0.1:7380\n";

// The text of a template. Fails the test if there is none.
std::string ReadTemplate(absl::string_view name);

// A small valid agreement, of which everything is built: two forces, one flow
// of method push.
std::string SmallDocument();

// SmallDocument with every `from` replaced by `to`. Fails the test if there is
// none.
std::string SmallWith(absl::string_view from, absl::string_view to);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_TEST_DOCUMENT_H_
