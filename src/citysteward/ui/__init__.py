"""The look of the whole product: tokens, page frame, components, navigation. No models."""
