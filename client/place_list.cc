#include "client/place_list.h"

#include "absl/strings/str_cat.h"

namespace entente::client {

Value PlaceValues(const std::vector<Place>& places) {
  std::vector<Value> values;
  values.reserve(places.size());
  for (const Place& place : places) values.emplace_back(PlaceText(place));
  return values;
}

std::string PlacesInWords(const std::vector<Place>& places) {
  std::string text = places.size() == 1 ? "entry " : "entries ";
  for (size_t i = 0; i < places.size() && i < kPlacesInWords; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ", PlaceText(places[i]));
  }
  if (places.size() > kPlacesInWords) {
    absl::StrAppend(&text, ", and ", places.size() - kPlacesInWords,
                    " more (-o json has all)");
  }
  return text;
}

}  // namespace entente::client
