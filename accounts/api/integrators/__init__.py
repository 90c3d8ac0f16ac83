"""Our own OAuth2 and OpenID Connect server, and the API's ear for its tokens."""
