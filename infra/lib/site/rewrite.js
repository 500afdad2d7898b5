// CloudFront runs this (cloudfront-js-2.0) for every request of the site.
// A path that ends as no file of the site does is a page, and the app in index.html shows it. Out of
// a message an address may come with the full stop of its sentence.
function handler(event) {
  var request = event.request;
  if (!/[^/]\.(css|html|ico|js|json|png|svg|txt|wasm|webmanifest|woff2|xml)$/.test(request.uri)) {
    request.uri = "/index.html";
  }
  return request;
}
