// CloudFront runs this (cloudfront-js-2.0) for every request of the site.
// A path without a file extension is a page, and the app in index.html shows it.
function handler(event) {
  var request = event.request;
  var lastSegment = request.uri.slice(request.uri.lastIndexOf("/") + 1);
  if (lastSegment.indexOf(".") === -1) {
    request.uri = "/index.html";
  }
  return request;
}
