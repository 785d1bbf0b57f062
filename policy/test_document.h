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
