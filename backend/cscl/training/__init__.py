"""Training of networks: pretraining with the context-self contrastive loss and fine-tuning."""
