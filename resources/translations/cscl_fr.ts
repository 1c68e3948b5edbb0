<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
  <context>
    <name>contract</name>
    <message>
      <source>%</source>
      <translation>%</translation>
    </message>
    <message>
      <source>10 m</source>
      <translation>10 m</translation>
    </message>
    <message>
      <source>2.5 m</source>
      <translation>2,5 m</translation>
    </message>
    <message>
      <source>2.5 m and 10 m</source>
      <translation>2,5 m et 10 m</translation>
    </message>
    <message>
      <source>5 m</source>
      <translation>5 m</translation>
    </message>
    <message>
      <source>5 m and 10 m</source>
      <translation>5 m et 10 m</translation>
    </message>
    <message>
      <source>A class of its own</source>
      <translation>Une classe à part</translation>
    </message>
    <message>
      <source>A class with fewer training pixels than this is rare; 0: none is.</source>
      <translation>Une classe ayant moins de pixels d'entraînement est rare ; 0 : aucune ne l'est.</translation>
    </message>
    <message>
      <source>A dataset folder.</source>
      <translation>Un dossier de jeu de données.</translation>
    </message>
    <message>
      <source>A dataset to which the new area or year is added. It is not changed: the output holds both, with its classes, bands, chips and split.</source>
      <translation>Un jeu de données auquel la nouvelle zone ou année est ajoutée. Il n'est pas modifié : la sortie contient les deux, avec ses classes, bandes, imagettes et sa répartition.</translation>
    </message>
    <message>
      <source>A field of the parcels</source>
      <translation>Un champ des parcelles</translation>
    </message>
    <message>
      <source>A map folder.</source>
      <translation>Un dossier de carte.</translation>
    </message>
    <message>
      <source>A model folder.</source>
      <translation>Un dossier de modèle.</translation>
    </message>
    <message>
      <source>A polygon layer with one feature a parcel, in any format that OGR reads.</source>
      <translation>Une couche de polygones avec une entité par parcelle, dans tout format lu par OGR.</translation>
    </message>
    <message>
      <source>A pretrained model folder. Empty: training starts from scratch.</source>
      <translation>Un dossier de modèle préentraîné. Vide : l'entraînement part de zéro.</translation>
    </message>
    <message>
      <source>A raster of true class codes, read for scoring alone, never for training.</source>
      <translation>Un raster des vrais codes de classe, lu pour l'évaluation seule, jamais pour l'entraînement.</translation>
    </message>
    <message>
      <source>A tile or a harvest year that is kept for test, on top of the blocks: nothing of its ground is trained on.</source>
      <translation>Une tuile ou une année de récolte réservée au test, en plus des blocs : rien de ce terrain ne sert à l'entraînement.</translation>
    </message>
    <message>
      <source>Accuracy that is expected of each class, from which the points follow.</source>
      <translation>Exactitude attendue pour chaque classe, dont découle le nombre de points.</translation>
    </message>
    <message>
      <source>Add a learned vector of the relative position to the neighbours.</source>
      <translation>Ajouter un vecteur appris de la position relative aux voisins.</translation>
    </message>
    <message>
      <source>Address of a dask scheduler, tcp://HOST:PORT, whose workers do the work in place of this machine; they must see the same files under the same paths.</source>
      <translation>Adresse d'un ordonnanceur dask, tcp://HOST:PORT, dont les processus font le travail à la place de cette machine ; ils doivent voir les mêmes fichiers sous les mêmes chemins.</translation>
    </message>
    <message>
      <source>Administrative units</source>
      <translation>Unités administratives</translation>
    </message>
    <message>
      <source>Alike</source>
      <translation>Égal</translation>
    </message>
    <message>
      <source>All alike</source>
      <translation>Tous également</translation>
    </message>
    <message>
      <source>All of it: from images and parcels to a crop map and classified parcels.</source>
      <translation>Tout en une fois : des images et parcelles à la carte des cultures et aux parcelles classées.</translation>
    </message>
    <message>
      <source>All pixels</source>
      <translation>Tous les pixels</translation>
    </message>
    <message>
      <source>Allocation</source>
      <translation>Répartition des points</translation>
    </message>
    <message>
      <source>Anchors</source>
      <translation>Ancres</translation>
    </message>
    <message>
      <source>Another band</source>
      <translation>Une autre bande</translation>
    </message>
    <message>
      <source>Append to</source>
      <translation>Ajouter à</translation>
    </message>
    <message>
      <source>Area</source>
      <translation>Surface</translation>
    </message>
    <message>
      <source>Area of interest</source>
      <translation>Zone d'intérêt</translation>
    </message>
    <message>
      <source>Area polygons</source>
      <translation>Polygones de la zone</translation>
    </message>
    <message>
      <source>Area table</source>
      <translation>Table des surfaces</translation>
    </message>
    <message>
      <source>Arithmetic of the network: bfloat16 is much faster on processors with AMX and on GPUs, and changes a few pixels in a thousand.</source>
      <translation>Arithmétique du réseau : bfloat16 est bien plus rapide sur les processeurs avec AMX et sur les cartes graphiques, et change quelques pixels sur mille.</translation>
    </message>
    <message>
      <source>As many at boundaries as inside</source>
      <translation>Autant aux limites qu'à l'intérieur</translation>
    </message>
    <message>
      <source>At boundaries</source>
      <translation>Aux limites</translation>
    </message>
    <message>
      <source>Backbone</source>
      <translation>Réseau de base</translation>
    </message>
    <message>
      <source>Balanced</source>
      <translation>Équilibré</translation>
    </message>
    <message>
      <source>Bands</source>
      <translation>Bandes</translation>
    </message>
    <message>
      <source>Bands whose season curves are drawn beside NDVI, separated by commas. Empty: B04, B08, B11.</source>
      <translation>Bandes dont les courbes de saison sont tracées à côté du NDVI, séparées par des virgules. Vide : B04, B08, B11.</translation>
    </message>
    <message>
      <source>Boundaries</source>
      <translation>Limites</translation>
    </message>
    <message>
      <source>Boundary strength</source>
      <translation>Force des limites</translation>
    </message>
    <message>
      <source>Boundary weight</source>
      <translation>Poids des limites</translation>
    </message>
    <message>
      <source>Build a dataset from a time series and parcels.</source>
      <translation>Construire un jeu de données à partir d'une série temporelle et de parcelles.</translation>
    </message>
    <message>
      <source>By area, with a minimum for each class</source>
      <translation>Selon la surface, avec un minimum par classe</translation>
    </message>
    <message>
      <source>By boundaries</source>
      <translation>Selon les limites</translation>
    </message>
    <message>
      <source>By rare classes</source>
      <translation>Selon les classes rares</translation>
    </message>
    <message>
      <source>CSV with the columns image, date, bands, scale, offset, nodata, level, for what the images do not tell themselves; the image * stands for all others.</source>
      <translation>CSV avec les colonnes image, date, bands, scale, offset, nodata, level, pour ce que les images ne disent pas ; l'image * désigne toutes les autres.</translation>
    </message>
    <message>
      <source>CSV with the columns source_value, name, code, colour, and hcat if wanted; the columns of EuroCrops are known too.</source>
      <translation>CSV avec les colonnes source_value, name, code, colour et au besoin hcat ; les colonnes d'EuroCrops sont aussi reconnues.</translation>
    </message>
    <message>
      <source>CSV with the columns stratum and pixels, for a sample that was not drawn by the job sample; its points need a field stratum.</source>
      <translation>CSV avec les colonnes stratum et pixels, pour un échantillon qui n'a pas été tiré par la tâche sample ; ses points ont besoin d'un champ stratum.</translation>
    </message>
    <message>
      <source>CSV, without geometry</source>
      <translation>CSV, sans géométrie</translation>
    </message>
    <message>
      <source>Centred on parcels</source>
      <translation>Centrées sur les parcelles</translation>
    </message>
    <message>
      <source>Chip size</source>
      <translation>Taille des imagettes</translation>
    </message>
    <message>
      <source>Chips</source>
      <translation>Imagettes</translation>
    </message>
    <message>
      <source>Class field</source>
      <translation>Champ de classe</translation>
    </message>
    <message>
      <source>Class table</source>
      <translation>Table des classes</translation>
    </message>
    <message>
      <source>Class weights</source>
      <translation>Poids des classes</translation>
    </message>
    <message>
      <source>Classification, as a control: its classifier is dropped afterwards</source>
      <translation>Classification, comme témoin : son classifieur est ensuite abandonné</translation>
    </message>
    <message>
      <source>Classify parcels from a crop map.</source>
      <translation>Classer les parcelles à partir d'une carte des cultures.</translation>
    </message>
    <message>
      <source>Cloud limit</source>
      <translation>Limite de nuages</translation>
    </message>
    <message>
      <source>Cloud mask</source>
      <translation>Masque de nuages</translation>
    </message>
    <message>
      <source>Composite</source>
      <translation>Composite</translation>
    </message>
    <message>
      <source>Confidence</source>
      <translation>Confiance</translation>
    </message>
    <message>
      <source>Confidence 2.5 m</source>
      <translation>Confiance 2,5 m</translation>
    </message>
    <message>
      <source>Confidence 5 m</source>
      <translation>Confiance 5 m</translation>
    </message>
    <message>
      <source>Context</source>
      <translation>Contexte</translation>
    </message>
    <message>
      <source>Context-self contrast as released by the authors</source>
      <translation>Contraste contexte-soi tel que publié par les auteurs</translation>
    </message>
    <message>
      <source>Context-self contrast, masked: only pairs with known labels inside the image</source>
      <translation>Contraste contexte-soi, masqué : seulement les paires d'étiquettes connues dans l'image</translation>
    </message>
    <message>
      <source>Continental</source>
      <translation>Continental</translation>
    </message>
    <message>
      <source>Coordinate reference system</source>
      <translation>Système de coordonnées de référence</translation>
    </message>
    <message>
      <source>Coordinate reference system of the file, for example EPSG:4326. Empty: the layer's.</source>
      <translation>Système de coordonnées du fichier, par exemple EPSG:4326. Vide : celui de la couche.</translation>
    </message>
    <message>
      <source>Counted as unknown</source>
      <translation>Comptées comme inconnues</translation>
    </message>
    <message>
      <source>Cover by crop</source>
      <translation>Couverture par culture</translation>
    </message>
    <message>
      <source>Crop</source>
      <translation>Culture</translation>
    </message>
    <message>
      <source>Crop map</source>
      <translation>Carte des cultures</translation>
    </message>
    <message>
      <source>Crop map 2.5 m</source>
      <translation>Carte des cultures 2,5 m</translation>
    </message>
    <message>
      <source>Crop map 5 m</source>
      <translation>Carte des cultures 5 m</translation>
    </message>
    <message>
      <source>Cropland mask</source>
      <translation>Masque des cultures</translation>
    </message>
    <message>
      <source>Crops</source>
      <translation>Cultures</translation>
    </message>
    <message>
      <source>Cross-entropy</source>
      <translation>Entropie croisée</translation>
    </message>
    <message>
      <source>Cross-entropy and log-cosh Dice</source>
      <translation>Entropie croisée et log-cosh Dice</translation>
    </message>
    <message>
      <source>Cross-entropy on the similarity, masked</source>
      <translation>Entropie croisée de la similarité, masquée</translation>
    </message>
    <message>
      <source>Cross-fit</source>
      <translation>Ajustement croisé</translation>
    </message>
    <message>
      <source>Cut the season at this many dates, evenly spread, and score the map of each: how early in the season the crops can be told. Each date costs about one more evaluation at 10 m. 0: none.</source>
      <translation>Couper la saison à ce nombre de dates, régulièrement réparties, et évaluer chaque carte : à partir de quand les cultures se distinguent. Chaque date coûte environ une évaluation de plus à 10 m. 0 : aucune.</translation>
    </message>
    <message>
      <source>Dataset</source>
      <translation>Jeu de données</translation>
    </message>
    <message>
      <source>Dates</source>
      <translation>Dates</translation>
    </message>
    <message>
      <source>Dates to cut at</source>
      <translation>Dates de coupe</translation>
    </message>
    <message>
      <source>Days whose images are not used (YYYY-MM-DD), separated by commas.</source>
      <translation>Jours dont les images ne sont pas utilisées (AAAA-MM-JJ), séparés par des virgules.</translation>
    </message>
    <message>
      <source>Define a time series from Sentinel-2 images.</source>
      <translation>Définir une série temporelle d'images Sentinel-2.</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>Périphérique</translation>
    </message>
    <message>
      <source>Difficulty</source>
      <translation>Difficulté</translation>
    </message>
    <message>
      <source>Dilation</source>
      <translation>Dilatation</translation>
    </message>
    <message>
      <source>Distance between neighbours in the window.</source>
      <translation>Distance entre voisins dans la fenêtre.</translation>
    </message>
    <message>
      <source>Distance between the locations that are compared with their windows.</source>
      <translation>Distance entre les lieux comparés à leurs fenêtres.</translation>
    </message>
    <message>
      <source>Draw a stratified random sample from a map, as points to label.</source>
      <translation>Tirer d'une carte un échantillon aléatoire stratifié, sous forme de points à étiqueter.</translation>
    </message>
    <message>
      <source>Draw the parcels that a map shows, where there is no layer of them.</source>
      <translation>Tracer les parcelles que montre une carte, là où il n'en existe pas de couche.</translation>
    </message>
    <message>
      <source>Each date</source>
      <translation>Chaque date</translation>
    </message>
    <message>
      <source>Easy</source>
      <translation>Facile</translation>
    </message>
    <message>
      <source>Epochs</source>
      <translation>Époques</translation>
    </message>
    <message>
      <source>Estimate the area of each class, and the map's accuracy, from a labelled sample.</source>
      <translation>Estimer la surface de chaque classe et l'exactitude de la carte à partir d'un échantillon étiqueté.</translation>
    </message>
    <message>
      <source>Evaluate a model on one split of a dataset.</source>
      <translation>Évaluer un modèle sur une part d'un jeu de données.</translation>
    </message>
    <message>
      <source>Evaluation</source>
      <translation>Évaluation</translation>
    </message>
    <message>
      <source>Every class gets at least this many points, unless it has fewer pixels.</source>
      <translation>Chaque classe reçoit au moins ce nombre de points, sauf si elle a moins de pixels.</translation>
    </message>
    <message>
      <source>Expected accuracy</source>
      <translation>Exactitude attendue</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>Exportation</translation>
    </message>
    <message>
      <source>Export classified parcels to a GIS format.</source>
      <translation>Exporter les parcelles classées vers un format SIG.</translation>
    </message>
    <message>
      <source>Family</source>
      <translation>Famille</translation>
    </message>
    <message>
      <source>Fewest points a class</source>
      <translation>Minimum de points par classe</translation>
    </message>
    <message>
      <source>Field of the true class</source>
      <translation>Champ de la classe vraie</translation>
    </message>
    <message>
      <source>Fields</source>
      <translation>Champs</translation>
    </message>
    <message>
      <source>File for the time series, named NAME.series.json.</source>
      <translation>Fichier de la série temporelle, nommé NOM.series.json.</translation>
    </message>
    <message>
      <source>File to write.</source>
      <translation>Fichier à écrire.</translation>
    </message>
    <message>
      <source>Filled linearly in time</source>
      <translation>Comblés linéairement dans le temps</translation>
    </message>
    <message>
      <source>Findings</source>
      <translation>Constats</translation>
    </message>
    <message>
      <source>Fine labels</source>
      <translation>Étiquettes fines</translation>
    </message>
    <message>
      <source>Fine-tune a network for crop classification.</source>
      <translation>Affiner un réseau pour la classification des cultures.</translation>
    </message>
    <message>
      <source>Fine-tuning</source>
      <translation>Affinage</translation>
    </message>
    <message>
      <source>First and last day as START/END, for example 2018-10-01/2019-09-30; it may cross New Year. Empty: the last full twelve months that the dates cover.</source>
      <translation>Premier et dernier jour sous la forme DÉBUT/FIN, par exemple 2018-10-01/2019-09-30, même à cheval sur deux années. Vide : les douze derniers mois entiers couverts par les dates.</translation>
    </message>
    <message>
      <source>First and last day as START/END. Empty: the model's season in the images' year.</source>
      <translation>Premier et dernier jour sous la forme DÉBUT/FIN. Vide : la saison du modèle, dans l'année des images.</translation>
    </message>
    <message>
      <source>FlatGeobuf</source>
      <translation>FlatGeobuf</translation>
    </message>
    <message>
      <source>Fold</source>
      <translation>Pli</translation>
    </message>
    <message>
      <source>Folder for images, parcels and truth.</source>
      <translation>Dossier pour les images, les parcelles et la vérité.</translation>
    </message>
    <message>
      <source>Folder for report.html and report.json.</source>
      <translation>Dossier pour report.html et report.json.</translation>
    </message>
    <message>
      <source>Folder for report.json and report.html.</source>
      <translation>Dossier pour report.json et report.html.</translation>
    </message>
    <message>
      <source>Folder for the areas by class and unit, and the report.</source>
      <translation>Dossier pour les surfaces par classe et par unité, et le rapport.</translation>
    </message>
    <message>
      <source>Folder for the crop map and its layers.</source>
      <translation>Dossier pour la carte des cultures et ses couches.</translation>
    </message>
    <message>
      <source>Folder for the dataset.</source>
      <translation>Dossier pour le jeu de données.</translation>
    </message>
    <message>
      <source>Folder for the model.</source>
      <translation>Dossier pour le modèle.</translation>
    </message>
    <message>
      <source>Folder for the patches, their labels and metadata.geojson.</source>
      <translation>Dossier pour les imagettes, leurs étiquettes et metadata.geojson.</translation>
    </message>
    <message>
      <source>Folder for the scene and all results.</source>
      <translation>Dossier pour la scène et tous les résultats.</translation>
    </message>
    <message>
      <source>Folder for time series, dataset, model, map, parcels and report.</source>
      <translation>Dossier pour la série temporelle, le jeu de données, le modèle, la carte, les parcelles et le rapport.</translation>
    </message>
    <message>
      <source>Folder of the published dataset, as it was unpacked.</source>
      <translation>Dossier du jeu de données publié, tel que décompressé.</translation>
    </message>
    <message>
      <source>Folds</source>
      <translation>Plis</translation>
    </message>
    <message>
      <source>Format</source>
      <translation>Format</translation>
    </message>
    <message>
      <source>Freeze</source>
      <translation>Geler</translation>
    </message>
    <message>
      <source>Full: the published protocol, on a GPU</source>
      <translation>Complet : le protocole publié, sur une carte graphique</translation>
    </message>
    <message>
      <source>Gaps</source>
      <translation>Lacunes</translation>
    </message>
    <message>
      <source>GeoJSON</source>
      <translation>GeoJSON</translation>
    </message>
    <message>
      <source>GeoPackage</source>
      <translation>GeoPackage</translation>
    </message>
    <message>
      <source>GeoPackage for the classified parcels.</source>
      <translation>GeoPackage pour les parcelles classées.</translation>
    </message>
    <message>
      <source>GeoPackage for the points to label.</source>
      <translation>GeoPackage pour les points à étiqueter.</translation>
    </message>
    <message>
      <source>GeoPackage for the polygons.</source>
      <translation>GeoPackage pour les polygones.</translation>
    </message>
    <message>
      <source>GeoParquet</source>
      <translation>GeoParquet</translation>
    </message>
    <message>
      <source>Gradient checkpointing</source>
      <translation>Checkpointing du gradient</translation>
    </message>
    <message>
      <source>Ground of one crop is parted where the boundary strength reaches this, 0 to 1.</source>
      <translation>Le terrain d'une même culture est séparé là où la force des limites atteint cette valeur, de 0 à 1.</translation>
    </message>
    <message>
      <source>Ground this close to the outline of its parcel counts as unknown; 0: all is used.</source>
      <translation>Le terrain à cette distance du contour de sa parcelle compte comme inconnu ; 0 : tout est utilisé.</translation>
    </message>
    <message>
      <source>Hard</source>
      <translation>Difficile</translation>
    </message>
    <message>
      <source>Harvest year</source>
      <translation>Année de récolte</translation>
    </message>
    <message>
      <source>Hold out</source>
      <translation>Mettre à part</translation>
    </message>
    <message>
      <source>How alike the crops are, and how much they vary.</source>
      <translation>À quel point les cultures se ressemblent et varient.</translation>
    </message>
    <message>
      <source>How clouds are masked: by the scene classification (SCL) or not at all.</source>
      <translation>Comment les nuages sont masqués : par la classification de scène (SCL) ou pas du tout.</translation>
    </message>
    <message>
      <source>How clouds are masked: by the scene classification (SCL), by another band, by OmniCloudMask where its package is installed, or not at all.</source>
      <translation>Comment les nuages sont masqués : par la classification de scène (SCL), par une autre bande, par OmniCloudMask si son paquet est installé, ou pas du tout.</translation>
    </message>
    <message>
      <source>How far the mask reaches beyond clouds and their shadows.</source>
      <translation>De combien le masque dépasse les nuages et leurs ombres.</translation>
    </message>
    <message>
      <source>How long to train: quick takes minutes, standard a night, full needs a GPU.</source>
      <translation>Durée de l'entraînement : rapide prend des minutes, standard une nuit, complet demande une carte graphique.</translation>
    </message>
    <message>
      <source>How many times finer than 10 m the fine labels are, which training at 5 m (2) or 2.5 m (4) needs. Empty: as the resolution has it, 4 at 10 m.</source>
      <translation>Combien de fois plus fines que 10 m sont les étiquettes fines, nécessaires à l'entraînement à 5 m (2) ou à 2,5 m (4). Vide : selon la résolution, 4 à 10 m.</translation>
    </message>
    <message>
      <source>How much outlines are simplified, in pixels of the map: corners whose triangle is smaller than its square go; 0: none. Empty: 3 at 10 m, 4 at finer ones.</source>
      <translation>Simplification des contours, en pixels de la carte : les sommets dont le triangle est plus petit que son carré disparaissent ; 0 : aucun. Vide : 3 à 10 m, 4 aux résolutions plus fines.</translation>
    </message>
    <message>
      <source>How often training chips are drawn: all alike, those with rare classes more often, or those with many boundary pixels more often.</source>
      <translation>Fréquence de tirage des imagettes : toutes également, plus souvent celles à classes rares, ou celles à nombreux pixels de limite.</translation>
    </message>
    <message>
      <source>How the points are shared among the map's classes.</source>
      <translation>Comment les points sont répartis entre les classes de la carte.</translation>
    </message>
    <message>
      <source>How training, validation and test parcels are kept apart.</source>
      <translation>Comment les parcelles d'entraînement, de validation et de test sont séparées.</translation>
    </message>
    <message>
      <source>Ignored</source>
      <translation>Ignoré</translation>
    </message>
    <message>
      <source>Image table</source>
      <translation>Table des images</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Images</translation>
    </message>
    <message>
      <source>Import</source>
      <translation>Importation</translation>
    </message>
    <message>
      <source>Inner buffer</source>
      <translation>Marge intérieure</translation>
    </message>
    <message>
      <source>Inspection</source>
      <translation>Inspection</translation>
    </message>
    <message>
      <source>Inspection table</source>
      <translation>Table d'inspection</translation>
    </message>
    <message>
      <source>Joined as other crops</source>
      <translation>Réunies en autres cultures</translation>
    </message>
    <message>
      <source>Joint loss</source>
      <translation>Perte conjointe</translation>
    </message>
    <message>
      <source>KML</source>
      <translation>KML</translation>
    </message>
    <message>
      <source>Keep less of each step in memory and compute it a second time for the gradients: about a third more time, the same result.</source>
      <translation>Garder en mémoire une moindre part de chaque pas et la calculer une seconde fois pour les gradients : environ un tiers de temps en plus, le même résultat.</translation>
    </message>
    <message>
      <source>Keep the probability of every class; parcels are classified from it.</source>
      <translation>Garder la probabilité de chaque classe ; les parcelles sont classées à partir d'elle.</translation>
    </message>
    <message>
      <source>Labels</source>
      <translation>Étiquettes</translation>
    </message>
    <message>
      <source>Landscape</source>
      <translation>Paysage</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>Couche</translation>
    </message>
    <message>
      <source>Layout</source>
      <translation>Disposition</translation>
    </message>
    <message>
      <source>Learn cover</source>
      <translation>Apprendre la couverture</translation>
    </message>
    <message>
      <source>Learn what share of each pixel every class covers, as the finer labels say, rather than the class that covers most.</source>
      <translation>Apprendre quelle part de chaque pixel est couverte par chaque classe, d'après les étiquettes plus fines, plutôt que la classe dominante.</translation>
    </message>
    <message>
      <source>Leave out dates whose clouds hide more than this share of the whole area. Empty: every date with clear pixels is used.</source>
      <translation>Écarter les dates dont les nuages cachent plus que cette part de toute la zone. Vide : toute date ayant des pixels clairs est utilisée.</translation>
    </message>
    <message>
      <source>Left as they are</source>
      <translation>Laissés tels quels</translation>
    </message>
    <message>
      <source>Local InfoNCE with a temperature</source>
      <translation>InfoNCE local avec température</translation>
    </message>
    <message>
      <source>Loss</source>
      <translation>Perte</translation>
    </message>
    <message>
      <source>MTLCC</source>
      <translation>MTLCC</translation>
    </message>
    <message>
      <source>Map</source>
      <translation>Carte</translation>
    </message>
    <message>
      <source>Map crops with a trained model.</source>
      <translation>Cartographier les cultures avec un modèle entraîné.</translation>
    </message>
    <message>
      <source>Map folder</source>
      <translation>Dossier de carte</translation>
    </message>
    <message>
      <source>Map only this extent: xmin,ymin,xmax,ymax in the images' coordinates. Empty: all.</source>
      <translation>Cartographier seulement cette emprise : xmin,ymin,xmax,ymax dans les coordonnées des images. Vide : tout.</translation>
    </message>
    <message>
      <source>Map only what lies in the polygons of this layer; the rest has no data.</source>
      <translation>Cartographier seulement ce qui se trouve dans les polygones de cette couche ; le reste est sans données.</translation>
    </message>
    <message>
      <source>Map only where this raster is neither 0 nor without data. It need not lie on the images' grid: its nearest pixel counts.</source>
      <translation>Cartographier seulement là où ce raster n'est ni 0 ni sans données. Il n'a pas à suivre la grille des images : son pixel le plus proche compte.</translation>
    </message>
    <message>
      <source>Map these parcels only; windows without any are skipped. For a model that knows no land outside parcels, and to save time.</source>
      <translation>Cartographier ces parcelles seules ; les fenêtres sans parcelle sont sautées. Pour un modèle qui ne connaît pas le terrain hors parcelles, et pour gagner du temps.</translation>
    </message>
    <message>
      <source>Mapping</source>
      <translation>Cartographie</translation>
    </message>
    <message>
      <source>Margin</source>
      <translation>Marge</translation>
    </message>
    <message>
      <source>Mask band</source>
      <translation>Bande du masque</translation>
    </message>
    <message>
      <source>Mask dilation</source>
      <translation>Dilatation du masque</translation>
    </message>
    <message>
      <source>Mask values</source>
      <translation>Valeurs du masque</translation>
    </message>
    <message>
      <source>Median by month</source>
      <translation>Médiane par mois</translation>
    </message>
    <message>
      <source>Median by ten days (1-10, 11-20, 21 to the month's end)</source>
      <translation>Médiane par décade (1-10, 11-20, 21 à la fin du mois)</translation>
    </message>
    <message>
      <source>Minimum area</source>
      <translation>Surface minimale</translation>
    </message>
    <message>
      <source>Minimum width</source>
      <translation>Largeur minimale</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modèle</translation>
    </message>
    <message>
      <source>Name of a unit</source>
      <translation>Nom d'une unité</translation>
    </message>
    <message>
      <source>Name of the band that holds the mask, where it is another than SCL.</source>
      <translation>Nom de la bande qui contient le masque, si ce n'est pas SCL.</translation>
    </message>
    <message>
      <source>Names of the bands to use, separated by commas. Empty: the ten bands of 10 m and 20 m.</source>
      <translation>Noms des bandes à utiliser, séparés par des virgules. Vide : les dix bandes à 10 m et 20 m.</translation>
    </message>
    <message>
      <source>Names of the fields to keep, separated by commas. Empty: all.</source>
      <translation>Noms des champs à garder, séparés par des virgules. Vide : tous.</translation>
    </message>
    <message>
      <source>Neighbours</source>
      <translation>Voisins</translation>
    </message>
    <message>
      <source>No mask</source>
      <translation>Aucun masque</translation>
    </message>
    <message>
      <source>Number of crops.</source>
      <translation>Nombre de cultures.</translation>
    </message>
    <message>
      <source>Number of dates to use, spread over the season, the clearest first. Empty: all.</source>
      <translation>Nombre de dates à utiliser, réparties sur la saison, les plus claires d'abord. Vide : toutes.</translation>
    </message>
    <message>
      <source>Number of dates to use, spread over the season, the clearest first. Empty: the preset's.</source>
      <translation>Nombre de dates à utiliser, réparties sur la saison, les plus claires d'abord. Vide : celui du préréglage.</translation>
    </message>
    <message>
      <source>Number of folds of spatial blocks, each with a model of its own: every parcel is judged by the one that saw neither it nor its block, and those that disagree with their declaration make the list inspection.gpkg. Takes about as many times as long. Empty: no list.</source>
      <translation>Nombre de plis de blocs spatiaux, chacun avec son modèle : chaque parcelle est jugée par celui qui n'a vu ni elle ni son bloc, et celles qui contredisent leur déclaration forment la liste inspection.gpkg. Prend environ autant de fois plus de temps. Vide : pas de liste.</translation>
    </message>
    <message>
      <source>Number of folds, for the split by folds. Empty: 5.</source>
      <translation>Nombre de plis, pour la répartition par plis. Vide : 5.</translation>
    </message>
    <message>
      <source>Number of images over the season.</source>
      <translation>Nombre d'images sur la saison.</translation>
    </message>
    <message>
      <source>Number of points. Empty: what the standard error takes.</source>
      <translation>Nombre de points. Vide : ce que demande l'erreur type.</translation>
    </message>
    <message>
      <source>Objective</source>
      <translation>Objectif</translation>
    </message>
    <message>
      <source>OmniCloudMask</source>
      <translation>OmniCloudMask</translation>
    </message>
    <message>
      <source>On a grid</source>
      <translation>Sur une grille</translation>
    </message>
    <message>
      <source>Output</source>
      <translation>Sortie</translation>
    </message>
    <message>
      <source>Outside parcels</source>
      <translation>Hors des parcelles</translation>
    </message>
    <message>
      <source>Overwrite</source>
      <translation>Écraser</translation>
    </message>
    <message>
      <source>PASTIS</source>
      <translation>PASTIS</translation>
    </message>
    <message>
      <source>PASTIS: the fold that is test, 1 to 5; empty: 5. MTLCC: the fold of its lists, 0 to 9; empty: 0.</source>
      <translation>PASTIS : le pli de test, de 1 à 5 ; vide : 5. MTLCC : le pli de ses listes, de 0 à 9 ; vide : 0.</translation>
    </message>
    <message>
      <source>Parcel</source>
      <translation>Parcelle</translation>
    </message>
    <message>
      <source>Parcels</source>
      <translation>Parcelles</translation>
    </message>
    <message>
      <source>Parcels in which no circle of this diameter fits count as unknown; 0: all are used.</source>
      <translation>Les parcelles où ne tient aucun cercle de ce diamètre comptent comme inconnues ; 0 : toutes sont utilisées.</translation>
    </message>
    <message>
      <source>Parcels smaller than this count as unknown; 0: all are used.</source>
      <translation>Les parcelles plus petites comptent comme inconnues ; 0 : toutes sont utilisées.</translation>
    </message>
    <message>
      <source>Passes over the training chips. Empty: the preset's.</source>
      <translation>Passages sur les imagettes d'entraînement. Vide : celui du préréglage.</translation>
    </message>
    <message>
      <source>Patience</source>
      <translation>Patience</translation>
    </message>
    <message>
      <source>Pieces of the map smaller than this join a neighbour; 0: none does.</source>
      <translation>Les morceaux de carte plus petits rejoignent un voisin ; 0 : aucun.</translation>
    </message>
    <message>
      <source>Pixel size of the crop map; a finer one writes the 10 m map too.</source>
      <translation>Taille de pixel de la carte des cultures ; une taille plus fine écrit aussi la carte à 10 m.</translation>
    </message>
    <message>
      <source>Pixels around each chip that networks see and whose labels do not count. Chip and both margins together are a multiple of 4.</source>
      <translation>Pixels autour de chaque imagette que les réseaux voient et dont les étiquettes ne comptent pas. L'imagette et ses deux marges font un multiple de 4.</translation>
    </message>
    <message>
      <source>Pixels of a rare class</source>
      <translation>Pixels d'une classe rare</translation>
    </message>
    <message>
      <source>Points</source>
      <translation>Points</translation>
    </message>
    <message>
      <source>Polygons</source>
      <translation>Polygones</translation>
    </message>
    <message>
      <source>Polygons of a layer</source>
      <translation>Polygones d'une couche</translation>
    </message>
    <message>
      <source>Polygons of administrative units, to tell the area in each of them.</source>
      <translation>Polygones d'unités administratives, pour donner la surface dans chacune.</translation>
    </message>
    <message>
      <source>Polygons with a field split that says training, validation or test; a parcel has the split of the polygon that holds a point inside it.</source>
      <translation>Polygones avec un champ split valant training, validation ou test ; une parcelle suit le polygone qui contient un point situé en elle.</translation>
    </message>
    <message>
      <source>Positive weight</source>
      <translation>Poids des paires semblables</translation>
    </message>
    <message>
      <source>Precision</source>
      <translation>Précision de calcul</translation>
    </message>
    <message>
      <source>Preparing the loss</source>
      <translation>Préparation de la perte</translation>
    </message>
    <message>
      <source>Preset</source>
      <translation>Préréglage</translation>
    </message>
    <message>
      <source>Pretrain a network with the context-self contrastive loss.</source>
      <translation>Préentraîner un réseau avec la perte contrastive contexte-soi.</translation>
    </message>
    <message>
      <source>Pretrained model</source>
      <translation>Modèle préentraîné</translation>
    </message>
    <message>
      <source>Pretraining</source>
      <translation>Préentraînement</translation>
    </message>
    <message>
      <source>Preview</source>
      <translation>Aperçu</translation>
    </message>
    <message>
      <source>Probabilities</source>
      <translation>Probabilités</translation>
    </message>
    <message>
      <source>Probability sample</source>
      <translation>Échantillon probabiliste</translation>
    </message>
    <message>
      <source>Processes on this machine that share the windows, each on one core. Empty or 1: one process on all cores, which takes the least memory.</source>
      <translation>Processus de cette machine qui se partagent les fenêtres, chacun sur un cœur. Vide ou 1 : un seul processus sur tous les cœurs, qui prend le moins de mémoire.</translation>
    </message>
    <message>
      <source>Processes on this machine that share the work. Empty: one a core, as far as the free memory goes.</source>
      <translation>Processus de cette machine qui se partagent le travail. Vide : un par cœur, dans la limite de la mémoire libre.</translation>
    </message>
    <message>
      <source>Quick: minutes on two cores</source>
      <translation>Rapide : quelques minutes sur deux cœurs</translation>
    </message>
    <message>
      <source>Random forest</source>
      <translation>Forêt aléatoire</translation>
    </message>
    <message>
      <source>Random forest beside</source>
      <translation>Forêt aléatoire à côté</translation>
    </message>
    <message>
      <source>Rare classes</source>
      <translation>Classes rares</translation>
    </message>
    <message>
      <source>Reference map</source>
      <translation>Carte de référence</translation>
    </message>
    <message>
      <source>Relative position</source>
      <translation>Position relative</translation>
    </message>
    <message>
      <source>Replace an output that exists; it stays until the new one is complete.</source>
      <translation>Remplacer une sortie existante ; elle reste jusqu'à ce que la nouvelle soit complète.</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>Rapport</translation>
    </message>
    <message>
      <source>Report data</source>
      <translation>Données du rapport</translation>
    </message>
    <message>
      <source>Resolution</source>
      <translation>Résolution</translation>
    </message>
    <message>
      <source>Sample</source>
      <translation>Échantillon</translation>
    </message>
    <message>
      <source>Sampling</source>
      <translation>Tirage</translation>
    </message>
    <message>
      <source>Scale</source>
      <translation>Échelle</translation>
    </message>
    <message>
      <source>Scene</source>
      <translation>Scène</translation>
    </message>
    <message>
      <source>Scene classification (SCL)</source>
      <translation>Classification de scène (SCL)</translation>
    </message>
    <message>
      <source>Scheduler</source>
      <translation>Ordonnanceur</translation>
    </message>
    <message>
      <source>Season</source>
      <translation>Saison</translation>
    </message>
    <message>
      <source>Seed</source>
      <translation>Graine</translation>
    </message>
    <message>
      <source>Sentinel-2 images: a folder or files, of SAFE products (folders or zips), GeoTIFF, NetCDF, Zarr or STAC; or a time series (.series.json).</source>
      <translation>Images Sentinel-2 : un dossier ou des fichiers, produits SAFE (dossiers ou zips), GeoTIFF, NetCDF, Zarr ou STAC ; ou une série temporelle (.series.json).</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>Série</translation>
    </message>
    <message>
      <source>Shapefile</source>
      <translation>Shapefile</translation>
    </message>
    <message>
      <source>Share of labels</source>
      <translation>Part des étiquettes</translation>
    </message>
    <message>
      <source>Share of the training chips whose labels are used, chosen by the seed.</source>
      <translation>Part des imagettes d'entraînement dont les étiquettes sont utilisées, choisies par la graine.</translation>
    </message>
    <message>
      <source>Show a dataset as one page: split, classes, season curves, dates, sample chips.</source>
      <translation>Montrer un jeu de données en une page : répartition, classes, courbes de saison, dates, exemples d'imagettes.</translation>
    </message>
    <message>
      <source>Side in pixels of the window in which pixels that are alike share their class probabilities, so that mixed pixels lean on the parcel they resemble: an odd number from 3 to 15, or 0 for none.</source>
      <translation>Côté en pixels de la fenêtre où les pixels semblables partagent leurs probabilités de classe, de sorte que les pixels mixtes s’appuient sur la parcelle à laquelle ils ressemblent : un nombre impair de 3 à 15, ou 0 pour aucune.</translation>
    </message>
    <message>
      <source>Side of a training chip in 10 m pixels. Empty: fitted to the area.</source>
      <translation>Côté d'une imagette d'entraînement en pixels de 10 m. Vide : adapté à la zone.</translation>
    </message>
    <message>
      <source>Side of the square scene in pixels of 10 m.</source>
      <translation>Côté de la scène carrée en pixels de 10 m.</translation>
    </message>
    <message>
      <source>Side of the window around each location; odd.</source>
      <translation>Côté de la fenêtre autour de chaque lieu ; impair.</translation>
    </message>
    <message>
      <source>Simulate a scene and run the whole chain on it.</source>
      <translation>Simuler une scène et y exécuter toute la chaîne.</translation>
    </message>
    <message>
      <source>Simulate a scene with known truth.</source>
      <translation>Simuler une scène dont la vérité est connue.</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>Taille</translation>
    </message>
    <message>
      <source>Source</source>
      <translation>Source</translation>
    </message>
    <message>
      <source>Spatial blocks</source>
      <translation>Blocs spatiaux</translation>
    </message>
    <message>
      <source>Spatial blocks in folds</source>
      <translation>Blocs spatiaux en plis</translation>
    </message>
    <message>
      <source>Split</source>
      <translation>Répartition</translation>
    </message>
    <message>
      <source>Split field</source>
      <translation>Champ de répartition</translation>
    </message>
    <message>
      <source>Split layer</source>
      <translation>Couche de répartition</translation>
    </message>
    <message>
      <source>Standard</source>
      <translation>Standard</translation>
    </message>
    <message>
      <source>Standard error</source>
      <translation>Erreur type</translation>
    </message>
    <message>
      <source>Standard: a night on a CPU, an hour on a GPU</source>
      <translation>Standard : une nuit sur processeur, une heure sur carte graphique</translation>
    </message>
    <message>
      <source>Start of all random numbers: the same seed gives the same result.</source>
      <translation>Départ de tous les nombres aléatoires : la même graine donne le même résultat.</translation>
    </message>
    <message>
      <source>State that the points of such a sample were drawn at random within each stratum. Without this there is no estimate: points chosen by hand say nothing about the rest.</source>
      <translation>Déclarer que les points d'un tel échantillon ont été tirés au hasard dans chaque strate. Sans cela, pas d'estimation : des points choisis à la main ne disent rien du reste.</translation>
    </message>
    <message>
      <source>Stop after this many validations without improvement. Empty: never.</source>
      <translation>Arrêter après ce nombre de validations sans amélioration. Vide : jamais.</translation>
    </message>
    <message>
      <source>Strata</source>
      <translation>Strates</translation>
    </message>
    <message>
      <source>Stride</source>
      <translation>Pas</translation>
    </message>
    <message>
      <source>Supervised contrast across the batch with a memory</source>
      <translation>Contraste supervisé sur le lot avec une mémoire</translation>
    </message>
    <message>
      <source>T31TFM-1618, turned into .npz</source>
      <translation>T31TFM-1618, converti en .npz</translation>
    </message>
    <message>
      <source>TSViT: transformer over dates, then over patches</source>
      <translation>TSViT : transformer sur les dates, puis sur les imagettes</translation>
    </message>
    <message>
      <source>Temperate</source>
      <translation>Tempéré</translation>
    </message>
    <message>
      <source>Temperature</source>
      <translation>Température</translation>
    </message>
    <message>
      <source>Temperature of the losses that have one: local InfoNCE, supervised contrast, and the cross-entropy on the similarity, which learns it from there. Empty: the loss's own.</source>
      <translation>Température des pertes qui en ont une : InfoNCE local, contraste supervisé et entropie croisée de la similarité, qui l'apprend à partir de là. Vide : celle de la perte.</translation>
    </message>
    <message>
      <source>Test</source>
      <translation>Test</translation>
    </message>
    <message>
      <source>The classification loss.</source>
      <translation>La perte de classification.</translation>
    </message>
    <message>
      <source>The contrastive loss beside the classification loss.</source>
      <translation>La perte contrastive à côté de celle de classification.</translation>
    </message>
    <message>
      <source>The dataset whose layout it is.</source>
      <translation>Le jeu de données dont c'est la disposition.</translation>
    </message>
    <message>
      <source>The field of the parcel layer that holds the declared crop, or an expression over its fields.</source>
      <translation>Le champ de la couche de parcelles qui contient la culture déclarée, ou une expression sur ses champs.</translation>
    </message>
    <message>
      <source>The field of the parcel layer that says training, validation or test (or 1, 2, 3), for the split by field.</source>
      <translation>Le champ de la couche de parcelles valant training, validation ou test (ou 1, 2, 3), pour la répartition par champ.</translation>
    </message>
    <message>
      <source>The field with the declared crop, to tell where map and declaration disagree.</source>
      <translation>Le champ de la culture déclarée, pour dire où carte et déclaration diffèrent.</translation>
    </message>
    <message>
      <source>The field with the name of each unit.</source>
      <translation>Le champ du nom de chaque unité.</translation>
    </message>
    <message>
      <source>The field with the true class of each point, by name or code; points without one are left out. Empty: reference.</source>
      <translation>Le champ de la classe vraie de chaque point, par nom ou code ; les points sans elle sont écartés. Vide : reference.</translation>
    </message>
    <message>
      <source>The fold that is test; the next one is validation. Empty: 1.</source>
      <translation>Le pli de test ; le suivant sert à la validation. Vide : 1.</translation>
    </message>
    <message>
      <source>The format of the file.</source>
      <translation>Le format du fichier.</translation>
    </message>
    <message>
      <source>The labelled points, as drawn by the job sample or of your own.</source>
      <translation>Les points étiquetés, tirés par la tâche sample ou les vôtres.</translation>
    </message>
    <message>
      <source>The network that turns a time series into features.</source>
      <translation>Le réseau qui transforme une série temporelle en caractéristiques.</translation>
    </message>
    <message>
      <source>The region's climate, crops, fields and images.</source>
      <translation>Climat, cultures, champs et images de la région.</translation>
    </message>
    <message>
      <source>The same number for each class</source>
      <translation>Le même nombre pour chaque classe</translation>
    </message>
    <message>
      <source>The season runs from October of the year before to September.</source>
      <translation>La saison va d'octobre de l'année précédente à septembre.</translation>
    </message>
    <message>
      <source>The vector layer to export.</source>
      <translation>La couche vectorielle à exporter.</translation>
    </message>
    <message>
      <source>The year to take, of a dataset that holds several.</source>
      <translation>L'année à prendre, d'un jeu de données qui en contient plusieurs.</translation>
    </message>
    <message>
      <source>Time series</source>
      <translation>Série temporelle</translation>
    </message>
    <message>
      <source>Tolerance</source>
      <translation>Tolérance</translation>
    </message>
    <message>
      <source>Train a random forest on the same pixels and put its figures beside the network's.</source>
      <translation>Entraîner une forêt aléatoire sur les mêmes pixels et mettre ses chiffres à côté de ceux du réseau.</translation>
    </message>
    <message>
      <source>Train the classifiers alone, on the features of the pretrained model as they are.</source>
      <translation>Entraîner les classifieurs seuls, sur les caractéristiques inchangées du modèle préentraîné.</translation>
    </message>
    <message>
      <source>Training</source>
      <translation>Entraînement</translation>
    </message>
    <message>
      <source>Truth</source>
      <translation>Vérité</translation>
    </message>
    <message>
      <source>Turn a published dataset into one of ours.</source>
      <translation>Convertir un jeu de données publié au format du plugin.</translation>
    </message>
    <message>
      <source>U-TAE: U-Net with temporal attention</source>
      <translation>U-TAE : U-Net à attention temporelle</translation>
    </message>
    <message>
      <source>UNet2D-CLSTM: 2-D U-Net a date, memory over the dates</source>
      <translation>UNet2D-CLSTM : U-Net 2-D par date, mémoire sur les dates</translation>
    </message>
    <message>
      <source>UNet3D: 3-D U-Net, narrow at full resolution</source>
      <translation>UNet3D : U-Net 3-D, étroit à pleine résolution</translation>
    </message>
    <message>
      <source>UNet3Df: 3-D U-Net with features at full resolution</source>
      <translation>UNet3Df : U-Net 3-D à caractéristiques en pleine résolution</translation>
    </message>
    <message>
      <source>Unit areas</source>
      <translation>Surfaces par unité</translation>
    </message>
    <message>
      <source>Until</source>
      <translation>Jusqu'au</translation>
    </message>
    <message>
      <source>Use no image after this day (YYYY-MM-DD), for a map within the season.</source>
      <translation>N'utiliser aucune image après ce jour (AAAA-MM-JJ), pour une carte en cours de saison.</translation>
    </message>
    <message>
      <source>Validation</source>
      <translation>Validation</translation>
    </message>
    <message>
      <source>Values of the mask that hide a pixel, such as 1,2,3 or 40-100. Empty: 0, 1, 3, 8, 9, 10, 11 of SCL, every value but 0 of another band.</source>
      <translation>Valeurs du masque qui cachent un pixel, comme 1,2,3 ou 40-100. Vide : 0, 1, 3, 8, 9, 10, 11 de SCL, toute valeur sauf 0 d'une autre bande.</translation>
    </message>
    <message>
      <source>Wanted standard error of the overall accuracy, from which the points follow.</source>
      <translation>Erreur type voulue de l'exactitude globale, dont découle le nombre de points.</translation>
    </message>
    <message>
      <source>Weight in the classification loss of pixels with another label next to them; 1 treats all alike.</source>
      <translation>Poids, dans la perte de classification, des pixels voisins d'une autre étiquette ; 1 les traite tous également.</translation>
    </message>
    <message>
      <source>Weight of a contrastive loss beside the classification loss; 0: none.</source>
      <translation>Poids d'une perte contrastive à côté de celle de classification ; 0 : aucune.</translation>
    </message>
    <message>
      <source>Weight of pairs of one crop: a number, or balanced.</source>
      <translation>Poids des paires d'une même culture : un nombre, ou balanced.</translation>
    </message>
    <message>
      <source>Weight of the classes: alike, or inversely to their pixels in training.</source>
      <translation>Poids des classes : égal, ou inverse de leurs pixels d'entraînement.</translation>
    </message>
    <message>
      <source>Weight of the joint loss</source>
      <translation>Poids de la perte conjointe</translation>
    </message>
    <message>
      <source>What a network sees as one date: each date, or the median of the clear pixels of each month or of each ten days.</source>
      <translation>Ce qu'un réseau voit comme une date : chaque date, ou la médiane des pixels clairs par mois ou par décade.</translation>
    </message>
    <message>
      <source>What becomes of hidden pixels: left as they are, or filled linearly in time.</source>
      <translation>Ce que deviennent les pixels cachés : laissés tels quels, ou comblés linéairement dans le temps.</translation>
    </message>
    <message>
      <source>What becomes of rare classes: joined as one class, other crops, or counted as unknown.</source>
      <translation>Ce que deviennent les classes rares : réunies en une classe d'autres cultures, ou comptées comme inconnues.</translation>
    </message>
    <message>
      <source>What makes two pixels alike: the same crop, the same parcel, or the ground of one crop that they have in common.</source>
      <translation>Ce qui rend deux pixels semblables : la même culture, la même parcelle, ou le terrain d'une culture qu'ils ont en commun.</translation>
    </message>
    <message>
      <source>What the network learns in pretraining.</source>
      <translation>Ce que le réseau apprend au préentraînement.</translation>
    </message>
    <message>
      <source>Where chips lie: on a grid fixed to the tile, the same in every cut of it, or on parcels.</source>
      <translation>Où se placent les imagettes : sur une grille fixée à la tuile, la même dans chaque découpe, ou sur les parcelles.</translation>
    </message>
    <message>
      <source>Where declarations are complete, land outside parcels is a class of its own; otherwise it is ignored in training.</source>
      <translation>Là où les déclarations sont complètes, le terrain hors parcelles est une classe à part ; sinon il est ignoré à l'entraînement.</translation>
    </message>
    <message>
      <source>Where the loss sits: on the features at 10 m, or on those refined to 5 m or 2.5 m.</source>
      <translation>Où s'applique la perte : sur les caractéristiques à 10 m, ou sur celles affinées à 5 m ou à 2,5 m.</translation>
    </message>
    <message>
      <source>Which parcels to score.</source>
      <translation>Quelles parcelles évaluer.</translation>
    </message>
    <message>
      <source>Which pixels are compared with their windows: all, those at boundaries, or as many at boundaries as inside.</source>
      <translation>Quels pixels sont comparés à leurs fenêtres : tous, ceux des limites, ou autant aux limites qu'à l'intérieur.</translation>
    </message>
    <message>
      <source>Width</source>
      <translation>Largeur</translation>
    </message>
    <message>
      <source>Width of the network; 1 is the published one. Empty: the preset's.</source>
      <translation>Largeur du réseau ; 1 est la publiée. Vide : celle du préréglage.</translation>
    </message>
    <message>
      <source>Window</source>
      <translation>Fenêtre</translation>
    </message>
    <message>
      <source>Without days</source>
      <translation>Sans les jours</translation>
    </message>
    <message>
      <source>Workers</source>
      <translation>Processus</translation>
    </message>
    <message>
      <source>Write a dataset's chips in the layout of a published one.</source>
      <translation>Écrire les imagettes d'un jeu de données dans la disposition d'un jeu publié.</translation>
    </message>
    <message>
      <source>XLSX, without geometry</source>
      <translation>XLSX, sans géométrie</translation>
    </message>
    <message>
      <source>Year</source>
      <translation>Année</translation>
    </message>
    <message>
      <source>auto, cpu, cuda, cuda:1 or mps.</source>
      <translation>auto, cpu, cuda, cuda:1 ou mps.</translation>
    </message>
    <message>
      <source>bfloat16</source>
      <translation>bfloat16</translation>
    </message>
    <message>
      <source>float32</source>
      <translation>float32</translation>
    </message>
    <message>
      <source>m</source>
      <translation>m</translation>
    </message>
    <message>
      <source>m2</source>
      <translation>m²</translation>
    </message>
    <message>
      <source>pixels</source>
      <translation>pixels</translation>
    </message>
  </context>
  <context>
    <name>plugin</name>
    <message>
      <source>A Python from 3.11 to 3.14</source>
      <translation>Un Python de 3.11 à 3.14</translation>
    </message>
    <message>
      <source>A Python that has the engine's libraries</source>
      <translation>Un Python avec les bibliothèques du moteur</translation>
    </message>
    <message>
      <source>A Python that has the engine's libraries; left open, the installed engine is used</source>
      <translation>Un Python avec les bibliothèques du moteur ; laissé vide, le moteur installé est utilisé</translation>
    </message>
    <message>
      <source>A folder of wheels</source>
      <translation>Un dossier de wheels</translation>
    </message>
    <message>
      <source>A folder with runs</source>
      <translation>Un dossier d'exécutions</translation>
    </message>
    <message>
      <source>A job is running: {job}. If QGIS closes, the job stops. It stays in the history and can be resumed from there.</source>
      <translation>Une tâche est en cours : {job}. Si QGIS se ferme, elle s'arrête. Elle reste dans l'historique et peut y être reprise.</translation>
    </message>
    <message>
      <source>A job is running: {job}. The plugin is unloaded when it has ended. If it is stopped now, it stays in the history and can be resumed from there.</source>
      <translation>Une tâche est en cours : {job}. L'extension sera déchargée quand elle sera finie. Arrêtée maintenant, elle reste dans l'historique et peut y être reprise.</translation>
    </message>
    <message>
      <source>A job is running; the engine can be installed when it has ended.</source>
      <translation>Une tâche est en cours ; le moteur pourra être installé quand elle sera finie.</translation>
    </message>
    <message>
      <source>A job or an installation is running. Try again when it has ended.</source>
      <translation>Une tâche ou une installation est en cours. Réessayez quand elle sera finie.</translation>
    </message>
    <message>
      <source>A library of the engine is missing or broken: reinstall the engine.</source>
      <translation>Une bibliothèque du moteur manque ou est endommagée : réinstallez le moteur.</translation>
    </message>
    <message>
      <source>A model that was trained on a parcel tends to repeat its declaration, right or not</source>
      <translation>Un modèle entraîné sur une parcelle tend à répéter sa déclaration, juste ou non</translation>
    </message>
    <message>
      <source>A picture of the prediction comes with the first validation.</source>
      <translation>Une image de la prédiction arrive avec la première validation.</translation>
    </message>
    <message>
      <source>A polygon that I draw</source>
      <translation>Un polygone que je dessine</translation>
    </message>
    <message>
      <source>Accuracy at 10 m</source>
      <translation>Exactitude à 10 m</translation>
    </message>
    <message>
      <source>Accuracy at 2.5 m</source>
      <translation>Exactitude à 2,5 m</translation>
    </message>
    <message>
      <source>Accuracy at 5 m</source>
      <translation>Exactitude à 5 m</translation>
    </message>
    <message>
      <source>Add</source>
      <translation>Ajouter</translation>
    </message>
    <message>
      <source>Add a layer a date, which QGIS's temporal controller plays</source>
      <translation>Ajouter une couche par date, que le contrôleur temporel de QGIS anime</translation>
    </message>
    <message>
      <source>Add a layer to the project, or set its reference system.</source>
      <translation>Ajoutez une couche au projet, ou définissez son système de coordonnées.</translation>
    </message>
    <message>
      <source>Add an image or a reference map to the project to lay it beside the map.</source>
      <translation>Ajoutez au projet une image ou une carte de référence à placer à côté de la carte.</translation>
    </message>
    <message>
      <source>Add folder…</source>
      <translation>Ajouter un dossier…</translation>
    </message>
    <message>
      <source>Add images from the project or from the disk</source>
      <translation>Ajouter des images du projet ou du disque</translation>
    </message>
    <message>
      <source>Add layers, folders or files above.</source>
      <translation>Ajoutez ci-dessus des couches, dossiers ou fichiers.</translation>
    </message>
    <message>
      <source>Add layers, folders or files with Sentinel-2 images, or drop them here.</source>
      <translation>Ajoutez des couches, dossiers ou fichiers d'images Sentinel-2, ou déposez-les ici.</translation>
    </message>
    <message>
      <source>Add raster layers</source>
      <translation>Ajouter des couches raster</translation>
    </message>
    <message>
      <source>Add the crop map and the parcels to the project</source>
      <translation>Ajouter la carte des cultures et les parcelles au projet</translation>
    </message>
    <message>
      <source>Add the findings to the project, in a group of their own</source>
      <translation>Ajouter les constats au projet, dans un groupe à part</translation>
    </message>
    <message>
      <source>Add the results to the project</source>
      <translation>Ajouter les résultats au projet</translation>
    </message>
    <message>
      <source>Add the results to the project as one group</source>
      <translation>Ajouter les résultats au projet en un groupe</translation>
    </message>
    <message>
      <source>Adds the results as one styled group on top of the layer tree.</source>
      <translation>Ajoute les résultats en un groupe stylé en haut de l'arbre des couches.</translation>
    </message>
    <message>
      <source>Advanced</source>
      <translation>Avancé</translation>
    </message>
    <message>
      <source>All</source>
      <translation>Tout</translation>
    </message>
    <message>
      <source>All bands</source>
      <translation>Toutes les bandes</translation>
    </message>
    <message>
      <source>All fields</source>
      <translation>Tous les champs</translation>
    </message>
    <message>
      <source>All files (*)</source>
      <translation>Tous les fichiers (*)</translation>
    </message>
    <message>
      <source>All in one</source>
      <translation>Tout en un</translation>
    </message>
    <message>
      <source>All of it: from images and parcels to a crop map</source>
      <translation>Tout : des images et parcelles à la carte des cultures</translation>
    </message>
    <message>
      <source>All parcels</source>
      <translation>Toutes les parcelles</translation>
    </message>
    <message>
      <source>All runs</source>
      <translation>Toutes</translation>
    </message>
    <message>
      <source>All that was found and assumed about the images</source>
      <translation>Tout ce qui a été trouvé et supposé sur les images</translation>
    </message>
    <message>
      <source>An unfinished run of these settings lies there: it goes on where it stopped.</source>
      <translation>Une exécution inachevée de ces réglages s'y trouve : elle reprend où elle s'était arrêtée.</translation>
    </message>
    <message>
      <source>Another run lies in the output folder, or beside it. Choose another output.</source>
      <translation>Une autre exécution se trouve dans le dossier de sortie, ou à côté. Choisissez une autre sortie.</translation>
    </message>
    <message>
      <source>Area of the parcels with this value, in hectares</source>
      <translation>Surface des parcelles ayant cette valeur, en hectares</translation>
    </message>
    <message>
      <source>Area over which clouds and valid pixels are counted</source>
      <translation>Zone où sont comptés les nuages et les pixels valides</translation>
    </message>
    <message>
      <source>Areas by unit</source>
      <translation>Surfaces par unité</translation>
    </message>
    <message>
      <source>As the parcels</source>
      <translation>Comme les parcelles</translation>
    </message>
    <message>
      <source>Ask again: it is started anew.</source>
      <translation>Redemandez : il est relancé.</translation>
    </message>
    <message>
      <source>Ask again: it is started anew. Files on a slow network are better copied first.</source>
      <translation>Redemandez : il est relancé. Mieux vaut d'abord copier les fichiers d'un réseau lent.</translation>
    </message>
    <message>
      <source>Ask for the preview again.</source>
      <translation>Redemandez l'aperçu.</translation>
    </message>
    <message>
      <source>Asking the engine…</source>
      <translation>Interrogation du moteur…</translation>
    </message>
    <message>
      <source>Asking what it will take…</source>
      <translation>Estimation du coût…</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>Automatique</translation>
    </message>
    <message>
      <source>Began</source>
      <translation>Début</translation>
    </message>
    <message>
      <source>Build a dataset</source>
      <translation>Construire un jeu de données</translation>
    </message>
    <message>
      <source>Build dataset</source>
      <translation>Construire le jeu</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Annuler</translation>
    </message>
    <message>
      <source>Cancelled</source>
      <translation>Annulé</translation>
    </message>
    <message>
      <source>Cannot be told</source>
      <translation>Indéterminable</translation>
    </message>
    <message>
      <source>Check Settings &gt; Options &gt; Network, then try again.</source>
      <translation>Vérifiez Préférences &gt; Options &gt; Réseau, puis réessayez.</translation>
    </message>
    <message>
      <source>Check that the file is where it was when the time series was defined.</source>
      <translation>Vérifiez que le fichier est là où il était quand la série temporelle a été définie.</translation>
    </message>
    <message>
      <source>Check the connection and press Install again: what was downloaded is kept. Without a network, use a folder of wheels.</source>
      <translation>Vérifiez la connexion et cliquez à nouveau sur Installer : ce qui est téléchargé est gardé. Sans réseau, utilisez un dossier de wheels.</translation>
    </message>
    <message>
      <source>Check the folder.</source>
      <translation>Vérifiez le dossier.</translation>
    </message>
    <message>
      <source>Check the parcels again.</source>
      <translation>Vérifiez à nouveau les parcelles.</translation>
    </message>
    <message>
      <source>Check the path of {name}.</source>
      <translation>Vérifiez le chemin de {name}.</translation>
    </message>
    <message>
      <source>Check the path, or choose a layer.</source>
      <translation>Vérifiez le chemin, ou choisissez une couche.</translation>
    </message>
    <message>
      <source>Choose a Python from 3.11 to 3.14.</source>
      <translation>Choisissez un Python de 3.11 à 3.14.</translation>
    </message>
    <message>
      <source>Choose a dataset: the page Parcels builds one from a series and parcels.</source>
      <translation>Choisissez un jeu de données : la page Parcelles en construit un à partir d'une série et de parcelles.</translation>
    </message>
    <message>
      <source>Choose a file in a vector format.</source>
      <translation>Choisissez un fichier dans un format vectoriel.</translation>
    </message>
    <message>
      <source>Choose a file with parcels</source>
      <translation>Choisir un fichier de parcelles</translation>
    </message>
    <message>
      <source>Choose a folder of results above.</source>
      <translation>Choisissez ci-dessus un dossier de résultats.</translation>
    </message>
    <message>
      <source>Choose a folder or file with the … button, or give the whole path.</source>
      <translation>Choisissez un dossier ou un fichier avec le bouton …, ou donnez le chemin complet.</translation>
    </message>
    <message>
      <source>Choose a folder with a map above.</source>
      <translation>Choisissez ci-dessus un dossier contenant une carte.</translation>
    </message>
    <message>
      <source>Choose a kind, or go through all with Next.</source>
      <translation>Choisissez un type, ou parcourez-les tous avec Suivant.</translation>
    </message>
    <message>
      <source>Choose a larger extent.</source>
      <translation>Choisissez une emprise plus grande.</translation>
    </message>
    <message>
      <source>Choose a line to read what was found.</source>
      <translation>Choisissez une ligne pour lire le constat.</translation>
    </message>
    <message>
      <source>Choose a model and images first.</source>
      <translation>Choisissez d'abord un modèle et des images.</translation>
    </message>
    <message>
      <source>Choose a model and images, and they are compared here.</source>
      <translation>Choisissez un modèle et des images : ils sont comparés ici.</translation>
    </message>
    <message>
      <source>Choose a polygon layer and the field that holds the declared crop. Its values become the classes of the map, to be named, merged or left out here.</source>
      <translation>Choisissez une couche de polygones et le champ de la culture déclarée. Ses valeurs deviennent les classes de la carte, à nommer, réunir ou écarter ici.</translation>
    </message>
    <message>
      <source>Choose a polygon layer, or a file with the button beside the list.</source>
      <translation>Choisissez une couche de polygones, ou un fichier avec le bouton à côté de la liste.</translation>
    </message>
    <message>
      <source>Choose a polygon layer, or add the file to the project and choose its layer.</source>
      <translation>Choisissez une couche de polygones, ou ajoutez le fichier au projet et choisissez sa couche.</translation>
    </message>
    <message>
      <source>Choose a polygon layer, or another area.</source>
      <translation>Choisissez une couche de polygones, ou une autre zone.</translation>
    </message>
    <message>
      <source>Choose a run that has been validated at least once.</source>
      <translation>Choisissez une exécution validée au moins une fois.</translation>
    </message>
    <message>
      <source>Choose another Python</source>
      <translation>Choisissez un autre Python</translation>
    </message>
    <message>
      <source>Choose another Python (3.11 to 3.14), or a folder of wheels made for this one.</source>
      <translation>Choisissez un autre Python (3.11 à 3.14), ou un dossier de wheels fait pour celui-ci.</translation>
    </message>
    <message>
      <source>Choose another place for it.</source>
      <translation>Choisissez un autre emplacement.</translation>
    </message>
    <message>
      <source>Choose dates and clouds over the whole area, and keep them as a file</source>
      <translation>Choisir dates et nuages sur toute la zone, et les garder dans un fichier</translation>
    </message>
    <message>
      <source>Choose layers of local image files.</source>
      <translation>Choisissez des couches de fichiers d'images locaux.</translation>
    </message>
    <message>
      <source>Choose one from the list, for example EPSG:4326.</source>
      <translation>Choisissez-en un dans la liste, par exemple EPSG:4326.</translation>
    </message>
    <message>
      <source>Choose one raster layer a date.</source>
      <translation>Choisissez une couche raster par date.</translation>
    </message>
    <message>
      <source>Choose or enter one.</source>
      <translation>Choisissez-en ou saisissez-en une.</translation>
    </message>
    <message>
      <source>Choose raster layers.</source>
      <translation>Choisissez des couches raster.</translation>
    </message>
    <message>
      <source>Choose the field that holds the crop.</source>
      <translation>Choisissez le champ de la culture.</translation>
    </message>
    <message>
      <source>Choose the folder of a trained model.</source>
      <translation>Choisissez le dossier d'un modèle entraîné.</translation>
    </message>
    <message>
      <source>Choose the folder of wheels.</source>
      <translation>Choisissez le dossier de wheels.</translation>
    </message>
    <message>
      <source>Choose the folder that `make wheelhouse` wrote.</source>
      <translation>Choisissez le dossier écrit par `make wheelhouse`.</translation>
    </message>
    <message>
      <source>Choose the format of that ending, or another ending.</source>
      <translation>Choisissez le format de cette extension, ou une autre extension.</translation>
    </message>
    <message>
      <source>Choose the output folder of a map or of the whole chain.</source>
      <translation>Choisissez le dossier de sortie d'une carte ou de toute la chaîne.</translation>
    </message>
    <message>
      <source>Class not in the table</source>
      <translation>Classe absente de la table</translation>
    </message>
    <message>
      <source>Class with a single parcel</source>
      <translation>Classe d'une seule parcelle</translation>
    </message>
    <message>
      <source>Classes</source>
      <translation>Classes</translation>
    </message>
    <message>
      <source>Classes: {names}.</source>
      <translation>Classes : {names}.</translation>
    </message>
    <message>
      <source>Classify parcels</source>
      <translation>Classer les parcelles</translation>
    </message>
    <message>
      <source>Click on the images.</source>
      <translation>Cliquez sur les images.</translation>
    </message>
    <message>
      <source>Click on the map</source>
      <translation>Cliquer sur la carte</translation>
    </message>
    <message>
      <source>Click the corners on the map; the right button ends it</source>
      <translation>Cliquez les sommets sur la carte ; le bouton droit termine</translation>
    </message>
    <message>
      <source>Close other QGIS windows and jobs, then try again.</source>
      <translation>Fermez les autres fenêtres de QGIS et tâches, puis réessayez.</translation>
    </message>
    <message>
      <source>Close the programs that have its files open, and check its rights.</source>
      <translation>Fermez les programmes qui ont ses fichiers ouverts, et vérifiez ses droits.</translation>
    </message>
    <message>
      <source>Clouds</source>
      <translation>Nuages</translation>
    </message>
    <message>
      <source>Clouds over</source>
      <translation>Nuages sur</translation>
    </message>
    <message>
      <source>Code</source>
      <translation>Code</translation>
    </message>
    <message>
      <source>Code of the class in maps, 1 to 253; values of one code are one class</source>
      <translation>Code de la classe dans les cartes, 1 à 253 ; les valeurs d'un même code forment une classe</translation>
    </message>
    <message>
      <source>Code of the class in the crop taxonomy HCAT</source>
      <translation>Code de la classe dans la taxonomie HCAT</translation>
    </message>
    <message>
      <source>Colour of the class; click to change it</source>
      <translation>Couleur de la classe ; cliquer pour la changer</translation>
    </message>
    <message>
      <source>Colour of {name}</source>
      <translation>Couleur de {name}</translation>
    </message>
    <message>
      <source>Command line</source>
      <translation>Ligne de commande</translation>
    </message>
    <message>
      <source>Compare</source>
      <translation>Comparer</translation>
    </message>
    <message>
      <source>Comparing the images with the model…</source>
      <translation>Comparaison des images avec le modèle…</translation>
    </message>
    <message>
      <source>Complete</source>
      <translation>Terminé</translation>
    </message>
    <message>
      <source>Compute on</source>
      <translation>Calculer sur</translation>
    </message>
    <message>
      <source>Confidence 10 m</source>
      <translation>Confiance 10 m</translation>
    </message>
    <message>
      <source>Contains modified Copernicus Sentinel data {years}, where the images are Sentinel-2's.</source>
      <translation>Contient des données Copernicus Sentinel modifiées {years}, si les images sont de Sentinel-2.</translation>
    </message>
    <message>
      <source>Continue</source>
      <translation>Continuer</translation>
    </message>
    <message>
      <source>Copied: paste it into your report.</source>
      <translation>Copié : collez-le dans votre rapport.</translation>
    </message>
    <message>
      <source>Copies and pictures</source>
      <translation>Copies et images</translation>
    </message>
    <message>
      <source>Copy as</source>
      <translation>Copier comme</translation>
    </message>
    <message>
      <source>Copy diagnostics</source>
      <translation>Copier le diagnostic</translation>
    </message>
    <message>
      <source>Copy of another parcel</source>
      <translation>Copie d'une autre parcelle</translation>
    </message>
    <message>
      <source>Copy the run as a command, a call, a program or a file</source>
      <translation>Copier l'exécution comme commande, appel, programme ou fichier</translation>
    </message>
    <message>
      <source>Copy with another class</source>
      <translation>Copie avec une autre classe</translation>
    </message>
    <message>
      <source>Copying the engine</source>
      <translation>Copie du moteur</translation>
    </message>
    <message>
      <source>Count</source>
      <translation>Compter</translation>
    </message>
    <message>
      <source>Count clouds and valid pixels over this area</source>
      <translation>Compter les nuages et pixels valides sur cette zone</translation>
    </message>
    <message>
      <source>Count the values of the field and check the parcels</source>
      <translation>Compter les valeurs du champ et vérifier les parcelles</translation>
    </message>
    <message>
      <source>Crop map 10 m</source>
      <translation>Carte des cultures 10 m</translation>
    </message>
    <message>
      <source>Crop map: {name}</source>
      <translation>Carte des cultures : {name}</translation>
    </message>
    <message>
      <source>Crop mapping (CSCL)</source>
      <translation>Crop mapping (CSCL)</translation>
    </message>
    <message>
      <source>Crop mapping with context-self contrastive learning</source>
      <translation>Cartographie des cultures par apprentissage contrastif contexte-soi</translation>
    </message>
    <message>
      <source>Crop mapping: class table</source>
      <translation>Cartographie des cultures : table des classes</translation>
    </message>
    <message>
      <source>Crop mapping: dates of a time series</source>
      <translation>Cartographie des cultures : dates d'une série temporelle</translation>
    </message>
    <message>
      <source>Crop mapping: parcel under the click</source>
      <translation>Cartographie des cultures : parcelle sous le clic</translation>
    </message>
    <message>
      <source>Crop mapping: preview</source>
      <translation>Cartographie des cultures : aperçu</translation>
    </message>
    <message>
      <source>Crop mapping: reading findings</source>
      <translation>Cartographie des cultures : lecture des constats</translation>
    </message>
    <message>
      <source>Crop mapping: reading parcels</source>
      <translation>Cartographie des cultures : lecture des parcelles</translation>
    </message>
    <message>
      <source>Crop mapping: reading results</source>
      <translation>Cartographie des cultures : lecture des résultats</translation>
    </message>
    <message>
      <source>Crop mapping: removing files</source>
      <translation>Cartographie des cultures : suppression de fichiers</translation>
    </message>
    <message>
      <source>Crop mapping: sizes of folders</source>
      <translation>Cartographie des cultures : tailles des dossiers</translation>
    </message>
    <message>
      <source>Curve</source>
      <translation>Courbe</translation>
    </message>
    <message>
      <source>Curve of the pixel, or of the parcel under the click</source>
      <translation>Courbe du pixel, ou de la parcelle sous le clic</translation>
    </message>
    <message>
      <source>Curves</source>
      <translation>Courbes</translation>
    </message>
    <message>
      <source>Curves of the classes of the chosen dataset, drawn behind; one alone has its range</source>
      <translation>Courbes des classes du jeu de données choisi, en arrière-plan ; seule, une classe montre son étendue</translation>
    </message>
    <message>
      <source>Data</source>
      <translation>Données</translation>
    </message>
    <message>
      <source>Date</source>
      <translation>Date</translation>
    </message>
    <message>
      <source>Dates and clouds through the season</source>
      <translation>Dates et nuages au fil de la saison</translation>
    </message>
    <message>
      <source>Dates of the images</source>
      <translation>Dates des images</translation>
    </message>
    <message>
      <source>Day of the image; untick it to leave the day out, edit it to mend it</source>
      <translation>Jour de l'image ; décocher pour l'écarter, éditer pour le corriger</translation>
    </message>
    <message>
      <source>Declared</source>
      <translation>Déclaré</translation>
    </message>
    <message>
      <source>Define a time series</source>
      <translation>Définir une série temporelle</translation>
    </message>
    <message>
      <source>Define the time series again from its images.</source>
      <translation>Redéfinissez la série temporelle à partir de ses images.</translation>
    </message>
    <message>
      <source>Define time series</source>
      <translation>Définir la série</translation>
    </message>
    <message>
      <source>Demonstration scene</source>
      <translation>Scène de démonstration</translation>
    </message>
    <message>
      <source>Details</source>
      <translation>Détails</translation>
    </message>
    <message>
      <source>Diagnostics</source>
      <translation>Diagnostic</translation>
    </message>
    <message>
      <source>Do this</source>
      <translation>Faire ceci</translation>
    </message>
    <message>
      <source>Done</source>
      <translation>Fini</translation>
    </message>
    <message>
      <source>Downloading PyTorch</source>
      <translation>Téléchargement de PyTorch</translation>
    </message>
    <message>
      <source>Downloading the libraries</source>
      <translation>Téléchargement des bibliothèques</translation>
    </message>
    <message>
      <source>Downloads about {size} MB.</source>
      <translation>Télécharge environ {size} Mo.</translation>
    </message>
    <message>
      <source>Drag the line over the map, or move it with the arrow keys. Escape or another tool ends it.</source>
      <translation>Faites glisser la ligne sur la carte, ou déplacez-la avec les flèches. Échap ou un autre outil y met fin.</translation>
    </message>
    <message>
      <source>Draw</source>
      <translation>Dessiner</translation>
    </message>
    <message>
      <source>Draw a line over the map; the other layer lies to its right</source>
      <translation>Tracer une ligne sur la carte ; l'autre couche est à sa droite</translation>
    </message>
    <message>
      <source>Draw a sample to label</source>
      <translation>Tirer un échantillon à étiqueter</translation>
    </message>
    <message>
      <source>Draw anew</source>
      <translation>Redessiner</translation>
    </message>
    <message>
      <source>Draw one on the map, or choose another area.</source>
      <translation>Dessinez-en un sur la carte, ou choisissez une autre zone.</translation>
    </message>
    <message>
      <source>Draw parcels from a map</source>
      <translation>Tracer des parcelles d'après une carte</translation>
    </message>
    <message>
      <source>Draw the curve of the places that you click on the map</source>
      <translation>Tracer la courbe des lieux cliqués sur la carte</translation>
    </message>
    <message>
      <source>Draw this run's curves dashed in the charts</source>
      <translation>Tracer les courbes de cette exécution en tirets dans les graphiques</translation>
    </message>
    <message>
      <source>Drawn area</source>
      <translation>Zone dessinée</translation>
    </message>
    <message>
      <source>Each dot is an image: the lower, the cloudier. The season is shaded.</source>
      <translation>Chaque point est une image : plus bas, plus nuageux. La saison est ombrée.</translation>
    </message>
    <message>
      <source>Earlier runs</source>
      <translation>Exécutions antérieures</translation>
    </message>
    <message>
      <source>Edge</source>
      <translation>Bord</translation>
    </message>
    <message>
      <source>Edges, small parcels, rare classes</source>
      <translation>Bords, petites parcelles, classes rares</translation>
    </message>
    <message>
      <source>End it now</source>
      <translation>Y mettre fin</translation>
    </message>
    <message>
      <source>End the engine's process at once</source>
      <translation>Arrêter tout de suite le processus du moteur</translation>
    </message>
    <message>
      <source>End this training now; the best weights so far become its model</source>
      <translation>Finir l'entraînement maintenant ; les meilleurs poids obtenus forment son modèle</translation>
    </message>
    <message>
      <source>Engine</source>
      <translation>Moteur</translation>
    </message>
    <message>
      <source>Engine {version} on {device}</source>
      <translation>Moteur {version} sur {device}</translation>
    </message>
    <message>
      <source>Engine: copying</source>
      <translation>Moteur : copie</translation>
    </message>
    <message>
      <source>Engine: counting</source>
      <translation>Moteur : comptage</translation>
    </message>
    <message>
      <source>Engine: finishing</source>
      <translation>Moteur : finalisation</translation>
    </message>
    <message>
      <source>Engine: tidying</source>
      <translation>Moteur : nettoyage</translation>
    </message>
    <message>
      <source>Estimate areas from a sample</source>
      <translation>Estimer les surfaces d'un échantillon</translation>
    </message>
    <message>
      <source>Evaluate a model</source>
      <translation>Évaluer un modèle</translation>
    </message>
    <message>
      <source>Evaluate the model again.</source>
      <translation>Évaluez à nouveau le modèle.</translation>
    </message>
    <message>
      <source>Example</source>
      <translation>Exemple</translation>
    </message>
    <message>
      <source>Expected: {parts}.</source>
      <translation>Prévu : {parts}.</translation>
    </message>
    <message>
      <source>Export a dataset</source>
      <translation>Exporter un jeu de données</translation>
    </message>
    <message>
      <source>Export parcels</source>
      <translation>Exporter les parcelles</translation>
    </message>
    <message>
      <source>Export the class table</source>
      <translation>Exporter la table des classes</translation>
    </message>
    <message>
      <source>Exported layer</source>
      <translation>Couche exportée</translation>
    </message>
    <message>
      <source>Export…</source>
      <translation>Exporter…</translation>
    </message>
    <message>
      <source>Failed</source>
      <translation>Échec</translation>
    </message>
    <message>
      <source>Field of the declared class</source>
      <translation>Champ de la classe déclarée</translation>
    </message>
    <message>
      <source>Field or expression</source>
      <translation>Champ ou expression</translation>
    </message>
    <message>
      <source>Figures</source>
      <translation>Chiffres</translation>
    </message>
    <message>
      <source>Files with images</source>
      <translation>Fichiers d'images</translation>
    </message>
    <message>
      <source>Files…</source>
      <translation>Fichiers…</translation>
    </message>
    <message>
      <source>Fill the settings with those of this run</source>
      <translation>Reprendre les réglages de cette exécution</translation>
    </message>
    <message>
      <source>Filter</source>
      <translation>Filtre</translation>
    </message>
    <message>
      <source>Findings in parcels</source>
      <translation>Constats sur les parcelles</translation>
    </message>
    <message>
      <source>Fine-tune a network</source>
      <translation>Affiner un réseau</translation>
    </message>
    <message>
      <source>Finishing</source>
      <translation>Finalisation</translation>
    </message>
    <message>
      <source>Folder of images</source>
      <translation>Dossier d'images</translation>
    </message>
    <message>
      <source>Folder of results</source>
      <translation>Dossier de résultats</translation>
    </message>
    <message>
      <source>Folder of the model</source>
      <translation>Dossier du modèle</translation>
    </message>
    <message>
      <source>Folder of the run</source>
      <translation>Dossier de l'exécution</translation>
    </message>
    <message>
      <source>Folder with images, SAFE or Zarr</source>
      <translation>Dossier d'images, SAFE ou Zarr</translation>
    </message>
    <message>
      <source>Folder…</source>
      <translation>Dossier…</translation>
    </message>
    <message>
      <source>Following a run</source>
      <translation>Suivi d'une exécution</translation>
    </message>
    <message>
      <source>Found: {names}</source>
      <translation>Trouvé : {names}</translation>
    </message>
    <message>
      <source>Free some space and press Install again: what was downloaded is kept.</source>
      <translation>Libérez de la place et cliquez à nouveau sur Installer : ce qui est téléchargé est gardé.</translation>
    </message>
    <message>
      <source>Free some space, or set the variable CSCL_HOME to a folder on another disk.</source>
      <translation>Libérez de la place, ou donnez à la variable CSCL_HOME un dossier d'un autre disque.</translation>
    </message>
    <message>
      <source>From</source>
      <translation>De</translation>
    </message>
    <message>
      <source>Give exactly one.</source>
      <translation>Donnez-en un seul.</translation>
    </message>
    <message>
      <source>Give exactly one: a folder of images, raster layers, or a time series.</source>
      <translation>Donnez-en un seul : un dossier d'images, des couches raster ou une série temporelle.</translation>
    </message>
    <message>
      <source>Go on</source>
      <translation>Continuer</translation>
    </message>
    <message>
      <source>Go on where it stopped</source>
      <translation>Reprendre où elle s'est arrêtée</translation>
    </message>
    <message>
      <source>Go on where this run stopped</source>
      <translation>Reprendre où cette exécution s'est arrêtée</translation>
    </message>
    <message>
      <source>Go to work</source>
      <translation>Au travail</translation>
    </message>
    <message>
      <source>Graphics card</source>
      <translation>Carte graphique</translation>
    </message>
    <message>
      <source>Graphics card: {name}</source>
      <translation>Carte graphique : {name}</translation>
    </message>
    <message>
      <source>HCAT</source>
      <translation>HCAT</translation>
    </message>
    <message>
      <source>History</source>
      <translation>Historique</translation>
    </message>
    <message>
      <source>How far it came</source>
      <translation>Son avancement</translation>
    </message>
    <message>
      <source>How many of the bands that are needed the image has; edit it to name the file's bands in their order, - for one that is not used</source>
      <translation>Combien de bandes nécessaires l'image possède ; éditer pour nommer les bandes du fichier dans l'ordre, - pour une bande inutilisée</translation>
    </message>
    <message>
      <source>Ignore</source>
      <translation>Ignorer</translation>
    </message>
    <message>
      <source>Ignored values: {count}</source>
      <translation>Valeurs ignorées : {count}</translation>
    </message>
    <message>
      <source>Image</source>
      <translation>Image</translation>
    </message>
    <message>
      <source>Images: a folder, or the path of a file</source>
      <translation>Images : un dossier, ou le chemin d'un fichier</translation>
    </message>
    <message>
      <source>Images: or a time series</source>
      <translation>Images : ou une série temporelle</translation>
    </message>
    <message>
      <source>Images: or raster layers, one a date</source>
      <translation>Images : ou des couches raster, une par date</translation>
    </message>
    <message>
      <source>Import a class table</source>
      <translation>Importer une table des classes</translation>
    </message>
    <message>
      <source>Import a published dataset</source>
      <translation>Importer un jeu de données publié</translation>
    </message>
    <message>
      <source>Import…</source>
      <translation>Importer…</translation>
    </message>
    <message>
      <source>In a company's network, add its certificate under Settings &gt; Options &gt; Authentication &gt; Manage Certificates, then try again.</source>
      <translation>Dans un réseau d'entreprise, ajoutez son certificat sous Préférences &gt; Options &gt; Authentification &gt; Gérer les certificats, puis réessayez.</translation>
    </message>
    <message>
      <source>In training its ground was of the split {split}</source>
      <translation>À l'entraînement, son terrain était dans la part {split}</translation>
    </message>
    <message>
      <source>In use: {path}</source>
      <translation>Utilisé : {path}</translation>
    </message>
    <message>
      <source>Install</source>
      <translation>Installer</translation>
    </message>
    <message>
      <source>Install or update the engine, in the dock</source>
      <translation>Installer ou mettre à jour le moteur, dans le panneau</translation>
    </message>
    <message>
      <source>Install the engine again.</source>
      <translation>Réinstallez le moteur.</translation>
    </message>
    <message>
      <source>Install the engine, or name one that is there</source>
      <translation>Installer le moteur, ou en désigner un qui existe</translation>
    </message>
    <message>
      <source>Install the engine: open the dock (Plugins &gt; Crop mapping) and press Install. Or name a Python that has its libraries there, or in the variable {variable}; in a clone of the repository, run: make demo.</source>
      <translation>Installez le moteur : ouvrez le panneau (Extensions &gt; Crop mapping) et cliquez sur Installer. Ou désignez un Python avec ses bibliothèques, là ou dans la variable {variable} ; dans un clone du dépôt, lancez : make demo.</translation>
    </message>
    <message>
      <source>Installed: version {version}, {build}.</source>
      <translation>Installé : version {version}, {build}.</translation>
    </message>
    <message>
      <source>Installing PyTorch</source>
      <translation>Installation de PyTorch</translation>
    </message>
    <message>
      <source>Installing the libraries</source>
      <translation>Installation des bibliothèques</translation>
    </message>
    <message>
      <source>Interior</source>
      <translation>Intérieur</translation>
    </message>
    <message>
      <source>Interrupted</source>
      <translation>Interrompu</translation>
    </message>
    <message>
      <source>Into the folder</source>
      <translation>Dans le dossier</translation>
    </message>
    <message>
      <source>IoU</source>
      <translation>IoU</translation>
    </message>
    <message>
      <source>It has to be installed again before the next job.</source>
      <translation>Il devra être réinstallé avant la prochaine tâche.</translation>
    </message>
    <message>
      <source>It is the record of the run; {output} stays.</source>
      <translation>C'est le journal de l'exécution ; {output} reste.</translation>
    </message>
    <message>
      <source>It said: {text}</source>
      <translation>Il a dit : {text}</translation>
    </message>
    <message>
      <source>It took {minutes} minutes.</source>
      <translation>Cela a pris {minutes} minutes.</translation>
    </message>
    <message>
      <source>Its images, model and map go.</source>
      <translation>Ses images, son modèle et sa carte disparaissent.</translation>
    </message>
    <message>
      <source>JSON for a cluster</source>
      <translation>JSON pour un cluster</translation>
    </message>
    <message>
      <source>Job {job} of {day}</source>
      <translation>Tâche {job} du {day}</translation>
    </message>
    <message>
      <source>Jobs need the engine.</source>
      <translation>Les tâches ont besoin du moteur.</translation>
    </message>
    <message>
      <source>Judge the chosen parcels by the map that is there; nothing is mapped again</source>
      <translation>Classer les parcelles choisies d'après la carte existante ; rien n'est recartographié</translation>
    </message>
    <message>
      <source>Keep QGIS open</source>
      <translation>Garder QGIS ouvert</translation>
    </message>
    <message>
      <source>Keep it</source>
      <translation>Le garder</translation>
    </message>
    <message>
      <source>Kept on this computer</source>
      <translation>Conservé sur cet ordinateur</translation>
    </message>
    <message>
      <source>Lacking: {names}</source>
      <translation>Manquent : {names}</translation>
    </message>
    <message>
      <source>Lay over the right of the map</source>
      <translation>Superposer à droite de la carte</translation>
    </message>
    <message>
      <source>Layers of the project…</source>
      <translation>Couches du projet…</translation>
    </message>
    <message>
      <source>Leave the selected values out: their parcels count as unknown</source>
      <translation>Écarter les valeurs choisies : leurs parcelles comptent comme inconnues</translation>
    </message>
    <message>
      <source>Less than {share} % of its pixels are valid: a time series leaves it out.</source>
      <translation>Moins de {share} % de ses pixels sont valides : une série temporelle l'écarte.</translation>
    </message>
    <message>
      <source>Let it go on</source>
      <translation>La laisser continuer</translation>
    </message>
    <message>
      <source>Let the job rest, or go on with it</source>
      <translation>Suspendre la tâche, ou la continuer</translation>
    </message>
    <message>
      <source>Log</source>
      <translation>Journal</translation>
    </message>
    <message>
      <source>Look again</source>
      <translation>Chercher à nouveau</translation>
    </message>
    <message>
      <source>Look for runs in another folder too</source>
      <translation>Chercher aussi des exécutions dans un autre dossier</translation>
    </message>
    <message>
      <source>Look whether there is an engine now</source>
      <translation>Vérifier s'il y a maintenant un moteur</translation>
    </message>
    <message>
      <source>Looking at the images…</source>
      <translation>Examen des images…</translation>
    </message>
    <message>
      <source>Looking at the output folder</source>
      <translation>Examen du dossier de sortie</translation>
    </message>
    <message>
      <source>Looking for Python…</source>
      <translation>Recherche de Python…</translation>
    </message>
    <message>
      <source>Looking for leavings of earlier attempts</source>
      <translation>Recherche de restes d'essais antérieurs</translation>
    </message>
    <message>
      <source>Looking for results</source>
      <translation>Recherche de résultats</translation>
    </message>
    <message>
      <source>Make a class of its own of each value of the selected classes</source>
      <translation>Faire une classe de chaque valeur des classes choisies</translation>
    </message>
    <message>
      <source>Make a folder for {platform}: `make wheelhouse`.</source>
      <translation>Créez un dossier pour {platform} : `make wheelhouse`.</translation>
    </message>
    <message>
      <source>Make one class of the selected values</source>
      <translation>Faire une seule classe des valeurs choisies</translation>
    </message>
    <message>
      <source>Make training data of the images and parcels</source>
      <translation>Faire des données d'entraînement des images et parcelles</translation>
    </message>
    <message>
      <source>Making an environment</source>
      <translation>Création d'un environnement</translation>
    </message>
    <message>
      <source>Map a square of about a kilometre in the middle of the view</source>
      <translation>Cartographier un carré d'environ un kilomètre au milieu de la vue</translation>
    </message>
    <message>
      <source>Map against declaration</source>
      <translation>Carte et déclaration</translation>
    </message>
    <message>
      <source>Map and declaration agree</source>
      <translation>Carte et déclaration concordent</translation>
    </message>
    <message>
      <source>Map and declaration differ</source>
      <translation>Carte et déclaration diffèrent</translation>
    </message>
    <message>
      <source>Map and declaration differ in {count} of {all} parcels, the surest first. Choose a row to see it on the map.</source>
      <translation>Carte et déclaration diffèrent pour {count} parcelles sur {all}, les plus sûres d'abord. Choisissez une ligne pour la voir sur la carte.</translation>
    </message>
    <message>
      <source>Map crops</source>
      <translation>Cartographier les cultures</translation>
    </message>
    <message>
      <source>Map the area, then classify the parcels</source>
      <translation>Cartographier la zone, puis classer les parcelles</translation>
    </message>
    <message>
      <source>Map these parcels only</source>
      <translation>Cartographier ces parcelles seules</translation>
    </message>
    <message>
      <source>Map view</source>
      <translation>Vue de la carte</translation>
    </message>
    <message>
      <source>Mapped</source>
      <translation>Cartographié</translation>
    </message>
    <message>
      <source>Mapping the middle of the view…</source>
      <translation>Cartographie du milieu de la vue…</translation>
    </message>
    <message>
      <source>Maps</source>
      <translation>Cartes</translation>
    </message>
    <message>
      <source>Maps are computed by an engine beside QGIS: a Python environment of its own with PyTorch and libraries for rasters and layers. Nothing is added to the Python of QGIS, and all of it can be removed again.</source>
      <translation>Les cartes sont calculées par un moteur à côté de QGIS : un environnement Python à part avec PyTorch et des bibliothèques pour rasters et couches. Rien n'est ajouté au Python de QGIS, et tout peut être retiré.</translation>
    </message>
    <message>
      <source>Maps at</source>
      <translation>Cartes à</translation>
    </message>
    <message>
      <source>Matrix</source>
      <translation>Matrice</translation>
    </message>
    <message>
      <source>Mean IoU at 10 m</source>
      <translation>IoU moyen à 10 m</translation>
    </message>
    <message>
      <source>Mean IoU at 2.5 m</source>
      <translation>IoU moyen à 2,5 m</translation>
    </message>
    <message>
      <source>Mean IoU at 5 m</source>
      <translation>IoU moyen à 5 m</translation>
    </message>
    <message>
      <source>Mean IoU of boundary pixels of validation at the finest resolution</source>
      <translation>IoU moyen des pixels de limite de la validation, à la résolution la plus fine</translation>
    </message>
    <message>
      <source>Mean IoU of validation at the finest resolution</source>
      <translation>IoU moyen de la validation, à la résolution la plus fine</translation>
    </message>
    <message>
      <source>Mend its connection, or save its features as a GeoPackage and use that.</source>
      <translation>Réparez sa connexion, ou enregistrez ses entités en GeoPackage et utilisez celui-ci.</translation>
    </message>
    <message>
      <source>Merge</source>
      <translation>Réunir</translation>
    </message>
    <message>
      <source>Model: {model}
Images: {images}</source>
      <translation>Modèle : {model}
Images : {images}</translation>
    </message>
    <message>
      <source>Models</source>
      <translation>Modèles</translation>
    </message>
    <message>
      <source>NDVI, the reflectance of one band, or of all bands</source>
      <translation>NDVI, réflectance d'une bande ou de toutes</translation>
    </message>
    <message>
      <source>Name</source>
      <translation>Nom</translation>
    </message>
    <message>
      <source>Name of the class; values of one name are one class</source>
      <translation>Nom de la classe ; les valeurs d'un même nom forment une classe</translation>
    </message>
    <message>
      <source>Narrower than a pixel</source>
      <translation>Plus étroit qu'un pixel</translation>
    </message>
    <message>
      <source>Nearly a copy</source>
      <translation>Presque une copie</translation>
    </message>
    <message>
      <source>Needs {need} GB on the disk; {free} GB are free.</source>
      <translation>Demande {need} Go sur le disque ; {free} Go sont libres.</translation>
    </message>
    <message>
      <source>Network, labels and device</source>
      <translation>Réseau, étiquettes et périphérique</translation>
    </message>
    <message>
      <source>Next</source>
      <translation>Suivant</translation>
    </message>
    <message>
      <source>Next goes through {count} places.</source>
      <translation>Suivant parcourt {count} lieux.</translation>
    </message>
    <message>
      <source>Next: {crop}</source>
      <translation>Ensuite : {crop}</translation>
    </message>
    <message>
      <source>No Python from 3.11 to 3.14 was found. Install one, or uv, which brings one; or choose it with the button beside the line.</source>
      <translation>Aucun Python de 3.11 à 3.14 n'a été trouvé. Installez-en un, ou uv qui en apporte un ; ou choisissez-le avec le bouton à côté de la ligne.</translation>
    </message>
    <message>
      <source>No class</source>
      <translation>Aucune classe</translation>
    </message>
    <message>
      <source>No polygon</source>
      <translation>Aucun polygone</translation>
    </message>
    <message>
      <source>No polygon is drawn yet.</source>
      <translation>Aucun polygone n'est encore dessiné.</translation>
    </message>
    <message>
      <source>No run passes the filter.</source>
      <translation>Aucune exécution ne passe le filtre.</translation>
    </message>
    <message>
      <source>No run was found yet. Runs that are started here, and those in folders that you choose below, appear in this list.</source>
      <translation>Aucune exécution trouvée. Celles lancées ici, et celles des dossiers choisis ci-dessous, apparaissent dans cette liste.</translation>
    </message>
    <message>
      <source>No training was found yet. Runs that are started here appear in this table.</source>
      <translation>Aucun entraînement trouvé. Les exécutions lancées ici apparaissent dans cette table.</translation>
    </message>
    <message>
      <source>None</source>
      <translation>Aucun</translation>
    </message>
    <message>
      <source>Not checked yet.</source>
      <translation>Pas encore vérifié.</translation>
    </message>
    <message>
      <source>Note: {text}</source>
      <translation>Remarque : {text}</translation>
    </message>
    <message>
      <source>Nothing to show yet</source>
      <translation>Rien à montrer encore</translation>
    </message>
    <message>
      <source>Nothing was found: the parcels are as they should be.</source>
      <translation>Rien trouvé : les parcelles sont comme il faut.</translation>
    </message>
    <message>
      <source>Number of parcels with this value</source>
      <translation>Nombre de parcelles ayant cette valeur</translation>
    </message>
    <message>
      <source>OA</source>
      <translation>OA</translation>
    </message>
    <message>
      <source>Of one class</source>
      <translation>D'une classe</translation>
    </message>
    <message>
      <source>Of two classes</source>
      <translation>De deux classes</translation>
    </message>
    <message>
      <source>On Debian and Ubuntu install the package python3-venv; or choose another Python.</source>
      <translation>Sur Debian et Ubuntu, installez le paquet python3-venv ; ou choisissez un autre Python.</translation>
    </message>
    <message>
      <source>On a Mac, an Apple silicon processor is needed; else use 64-bit Linux or Windows.</source>
      <translation>Sur Mac, il faut un processeur Apple ; sinon, Linux ou Windows 64 bits.</translation>
    </message>
    <message>
      <source>One GeoTIFF a date</source>
      <translation>Un GeoTIFF par date</translation>
    </message>
    <message>
      <source>One has a fault: choose it to see which.</source>
      <translation>Une a un défaut : choisissez-la pour voir lequel.</translation>
    </message>
    <message>
      <source>One has less than {share} % valid pixels and is left out.</source>
      <translation>L'une a moins de {share} % de pixels valides et est écartée.</translation>
    </message>
    <message>
      <source>One that has the engine's libraries already; it is tried first</source>
      <translation>Un qui a déjà les bibliothèques du moteur ; il est essayé d'abord</translation>
    </message>
    <message>
      <source>One validation chip, which the network is not trained on</source>
      <translation>Une imagette de validation, sur laquelle le réseau n'est pas entraîné</translation>
    </message>
    <message>
      <source>Only parcels that the model has not seen</source>
      <translation>Seulement les parcelles que le modèle n'a pas vues</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>Ouvrir</translation>
    </message>
    <message>
      <source>Open its results</source>
      <translation>Ouvrir ses résultats</translation>
    </message>
    <message>
      <source>Open results</source>
      <translation>Ouvrir les résultats</translation>
    </message>
    <message>
      <source>Open the file with a program that reads its format.</source>
      <translation>Ouvrez le fichier avec un programme qui lit son format.</translation>
    </message>
    <message>
      <source>Open the guide at this page</source>
      <translation>Ouvrir le guide à cette page</translation>
    </message>
    <message>
      <source>Open the report in a browser</source>
      <translation>Ouvrir le rapport dans un navigateur</translation>
    </message>
    <message>
      <source>Open the results again; if it stays, tell the makers of the plugin.</source>
      <translation>Ouvrez à nouveau les résultats ; si cela persiste, dites-le aux auteurs de l'extension.</translation>
    </message>
    <message>
      <source>Opening results</source>
      <translation>Ouverture des résultats</translation>
    </message>
    <message>
      <source>Options</source>
      <translation>Options</translation>
    </message>
    <message>
      <source>Options: {text}</source>
      <translation>Options : {text}</translation>
    </message>
    <message>
      <source>Other land</source>
      <translation>Autre terrain</translation>
    </message>
    <message>
      <source>Outline repaired</source>
      <translation>Contour réparé</translation>
    </message>
    <message>
      <source>Outline repaired, area changed</source>
      <translation>Contour réparé, surface modifiée</translation>
    </message>
    <message>
      <source>Output folder of a map</source>
      <translation>Dossier de sortie d'une carte</translation>
    </message>
    <message>
      <source>Output: {path}</source>
      <translation>Sortie : {path}</translation>
    </message>
    <message>
      <source>Outputs</source>
      <translation>Sorties</translation>
    </message>
    <message>
      <source>Overall accuracy of validation at the finest resolution</source>
      <translation>Exactitude globale de la validation, à la résolution la plus fine</translation>
    </message>
    <message>
      <source>Overlap with another class</source>
      <translation>Chevauchement avec une autre classe</translation>
    </message>
    <message>
      <source>Overlap with the same class</source>
      <translation>Chevauchement avec la même classe</translation>
    </message>
    <message>
      <source>Pair AUC</source>
      <translation>AUC des paires</translation>
    </message>
    <message>
      <source>Parameters</source>
      <translation>Paramètres</translation>
    </message>
    <message>
      <source>Parameters and logs of jobs whose results are single files go; results stay.</source>
      <translation>Les paramètres et journaux des tâches dont les résultats sont des fichiers seuls disparaissent ; les résultats restent.</translation>
    </message>
    <message>
      <source>Parcel of {pixels} pixels</source>
      <translation>Parcelle de {pixels} pixels</translation>
    </message>
    <message>
      <source>Parcels and classes</source>
      <translation>Parcelles et classes</translation>
    </message>
    <message>
      <source>Parcels that the model has not seen</source>
      <translation>Parcelles que le modèle n'a pas vues</translation>
    </message>
    <message>
      <source>Parcels to inspect</source>
      <translation>Parcelles à inspecter</translation>
    </message>
    <message>
      <source>Pause</source>
      <translation>Pause</translation>
    </message>
    <message>
      <source>Paused</source>
      <translation>En pause</translation>
    </message>
    <message>
      <source>Pixel</source>
      <translation>Pixel</translation>
    </message>
    <message>
      <source>Points to label</source>
      <translation>Points à étiqueter</translation>
    </message>
    <message>
      <source>Precision, %</source>
      <translation>Précision, %</translation>
    </message>
    <message>
      <source>Prediction</source>
      <translation>Prédiction</translation>
    </message>
    <message>
      <source>Preparing pip</source>
      <translation>Préparation de pip</translation>
    </message>
    <message>
      <source>Preparing…</source>
      <translation>Préparation…</translation>
    </message>
    <message>
      <source>Press Install to make an environment of its own, or install there what is missing.</source>
      <translation>Cliquez sur Installer pour créer un environnement à part, ou installez-y ce qui manque.</translation>
    </message>
    <message>
      <source>Press Install.</source>
      <translation>Cliquez sur Installer.</translation>
    </message>
    <message>
      <source>Press “Click on the map” and click: the season's curve of the place appears here.</source>
      <translation>Choisissez « Cliquer sur la carte » et cliquez : la courbe de saison du lieu apparaît ici.</translation>
    </message>
    <message>
      <source>Pretrain a network</source>
      <translation>Préentraîner un réseau</translation>
    </message>
    <message>
      <source>Pretrain first</source>
      <translation>Préentraîner d'abord</translation>
    </message>
    <message>
      <source>Preview {resolution} m</source>
      <translation>Aperçu {resolution} m</translation>
    </message>
    <message>
      <source>Previous</source>
      <translation>Précédent</translation>
    </message>
    <message>
      <source>Processing call</source>
      <translation>Appel de Processing</translation>
    </message>
    <message>
      <source>Processing level</source>
      <translation>Niveau de traitement</translation>
    </message>
    <message>
      <source>Processor</source>
      <translation>Processeur</translation>
    </message>
    <message>
      <source>Processor and Apple graphics</source>
      <translation>Processeur et graphique Apple</translation>
    </message>
    <message>
      <source>Progress</source>
      <translation>Avancement</translation>
    </message>
    <message>
      <source>PyTorch has no build for it</source>
      <translation>PyTorch n'existe pas pour lui</translation>
    </message>
    <message>
      <source>PyTorch {version} and {count} libraries, each checked by its hash.</source>
      <translation>PyTorch {version} et {count} bibliothèques, chacune vérifiée par son empreinte.</translation>
    </message>
    <message>
      <source>Python</source>
      <translation>Python</translation>
    </message>
    <message>
      <source>Python 3.11 to 3.14, which the environment is made with</source>
      <translation>Python 3.11 à 3.14, avec lequel l'environnement est créé</translation>
    </message>
    <message>
      <source>Python to use instead</source>
      <translation>Python à utiliser à la place</translation>
    </message>
    <message>
      <source>Python {version}, brought by uv</source>
      <translation>Python {version}, apporté par uv</translation>
    </message>
    <message>
      <source>QGIS cannot open it as a layer</source>
      <translation>QGIS ne peut pas l'ouvrir comme couche</translation>
    </message>
    <message>
      <source>QGIS cannot open it as a vector layer</source>
      <translation>QGIS ne peut pas l'ouvrir comme couche vectorielle</translation>
    </message>
    <message>
      <source>QGIS cannot open its layer {name}</source>
      <translation>QGIS ne peut pas ouvrir sa couche {name}</translation>
    </message>
    <message>
      <source>QGIS is closing it</source>
      <translation>QGIS est en train de le fermer</translation>
    </message>
    <message>
      <source>QGIS was closed before the job was complete.</source>
      <translation>QGIS a été fermé avant la fin de la tâche.</translation>
    </message>
    <message>
      <source>Raster layers</source>
      <translation>Couches raster</translation>
    </message>
    <message>
      <source>Read classes</source>
      <translation>Lire les classes</translation>
    </message>
    <message>
      <source>Reading a picture</source>
      <translation>Lecture d'une image</translation>
    </message>
    <message>
      <source>Reading curves</source>
      <translation>Lecture des courbes</translation>
    </message>
    <message>
      <source>Reading parcels…</source>
      <translation>Lecture des parcelles…</translation>
    </message>
    <message>
      <source>Reading the dataset…</source>
      <translation>Lecture du jeu de données…</translation>
    </message>
    <message>
      <source>Reading the findings…</source>
      <translation>Lecture des constats…</translation>
    </message>
    <message>
      <source>Reading the model…</source>
      <translation>Lecture du modèle…</translation>
    </message>
    <message>
      <source>Reading…</source>
      <translation>Lecture…</translation>
    </message>
    <message>
      <source>Ready</source>
      <translation>Prêt</translation>
    </message>
    <message>
      <source>Recall, %</source>
      <translation>Rappel, %</translation>
    </message>
    <message>
      <source>Records of runs</source>
      <translation>Journaux des exécutions</translation>
    </message>
    <message>
      <source>Reference system</source>
      <translation>Système de coordonnées</translation>
    </message>
    <message>
      <source>Reflectance</source>
      <translation>Réflectance</translation>
    </message>
    <message>
      <source>Reinstall the engine, or choose another Python for it in the settings.</source>
      <translation>Réinstallez le moteur, ou choisissez-lui un autre Python dans les réglages.</translation>
    </message>
    <message>
      <source>Reinstall the engine.</source>
      <translation>Réinstallez le moteur.</translation>
    </message>
    <message>
      <source>Reinstall the plugin.</source>
      <translation>Réinstallez l'extension.</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Retirer</translation>
    </message>
    <message>
      <source>Remove it from the disk; its size is shown</source>
      <translation>Le supprimer du disque ; sa taille est montrée</translation>
    </message>
    <message>
      <source>Remove it with the system's file manager.</source>
      <translation>Supprimez-le avec le gestionnaire de fichiers du système.</translation>
    </message>
    <message>
      <source>Remove its layers from the project first.</source>
      <translation>Retirez d'abord ses couches du projet.</translation>
    </message>
    <message>
      <source>Remove {folder} with all that is in it ({size})? This cannot be undone.</source>
      <translation>Supprimer {folder} avec tout son contenu ({size}) ? C'est irréversible.</translation>
    </message>
    <message>
      <source>Remove: {what}?</source>
      <translation>Supprimer : {what} ?</translation>
    </message>
    <message>
      <source>Remove…</source>
      <translation>Supprimer…</translation>
    </message>
    <message>
      <source>Removing a run</source>
      <translation>Suppression d'une exécution</translation>
    </message>
    <message>
      <source>Report on a dataset</source>
      <translation>Rapport sur un jeu de données</translation>
    </message>
    <message>
      <source>Results</source>
      <translation>Résultats</translation>
    </message>
    <message>
      <source>Results of this or an earlier run can be opened here.</source>
      <translation>Les résultats de cette exécution ou d'une autre peuvent être ouverts ici.</translation>
    </message>
    <message>
      <source>Results: {name}</source>
      <translation>Résultats : {name}</translation>
    </message>
    <message>
      <source>Resume</source>
      <translation>Reprendre</translation>
    </message>
    <message>
      <source>Run</source>
      <translation>Lancer</translation>
    </message>
    <message>
      <source>Run again</source>
      <translation>Relancer</translation>
    </message>
    <message>
      <source>Run it again with the same parameters</source>
      <translation>Relancer avec les mêmes paramètres</translation>
    </message>
    <message>
      <source>Run it again.</source>
      <translation>Relancez-la.</translation>
    </message>
    <message>
      <source>Run that job again with the same output: it goes on.</source>
      <translation>Relancez cette tâche avec la même sortie : elle reprend.</translation>
    </message>
    <message>
      <source>Run the job again with the same output: it goes on from its last checkpoint.</source>
      <translation>Relancez la tâche avec la même sortie : elle reprend depuis son dernier point de contrôle.</translation>
    </message>
    <message>
      <source>Running</source>
      <translation>En cours</translation>
    </message>
    <message>
      <source>Running in another process</source>
      <translation>En cours dans un autre processus</translation>
    </message>
    <message>
      <source>Save diagnostics…</source>
      <translation>Enregistrer le diagnostic…</translation>
    </message>
    <message>
      <source>Save the layer as a GeoPackage and use that.</source>
      <translation>Enregistrez la couche en GeoPackage et utilisez celui-ci.</translation>
    </message>
    <message>
      <source>Saved: {path}</source>
      <translation>Enregistré : {path}</translation>
    </message>
    <message>
      <source>Season {first} to {last}.</source>
      <translation>Saison du {first} au {last}.</translation>
    </message>
    <message>
      <source>Season {start} to {end}, {count} dates</source>
      <translation>Saison du {start} au {end}, {count} dates</translation>
    </message>
    <message>
      <source>Season: {start} to {end}.</source>
      <translation>Saison : du {start} au {end}.</translation>
    </message>
    <message>
      <source>Select a run to see its parameters and figures.</source>
      <translation>Choisissez une exécution pour voir ses paramètres et ses chiffres.</translation>
    </message>
    <message>
      <source>Selected features only</source>
      <translation>Entités sélectionnées seulement</translation>
    </message>
    <message>
      <source>Set it under Layer &gt; Set CRS.</source>
      <translation>Définissez-le dans Couche &gt; Définir le SCR des couches.</translation>
    </message>
    <message>
      <source>Set the variable CSCL_HOME to a folder of your own, start QGIS again and retry.</source>
      <translation>Donnez à la variable CSCL_HOME un dossier à vous, redémarrez QGIS et réessayez.</translation>
    </message>
    <message>
      <source>Set up the engine</source>
      <translation>Installer le moteur</translation>
    </message>
    <message>
      <source>Set up…</source>
      <translation>Installer…</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>Réglages</translation>
    </message>
    <message>
      <source>Share of a class that is mapped as it (producer's accuracy)</source>
      <translation>Part d'une classe cartographiée comme telle (exactitude du producteur)</translation>
    </message>
    <message>
      <source>Share of the area that clouds and their shadows hide</source>
      <translation>Part de la zone cachée par les nuages et leurs ombres</translation>
    </message>
    <message>
      <source>Share of the area that is known and clear in all bands</source>
      <translation>Part de la zone connue et claire dans toutes les bandes</translation>
    </message>
    <message>
      <source>Share of what is mapped as a class that is it (user's accuracy)</source>
      <translation>Part de ce qui est cartographié comme classe et l'est (exactitude de l'utilisateur)</translation>
    </message>
    <message>
      <source>Show as layer</source>
      <translation>Montrer comme couche</translation>
    </message>
    <message>
      <source>Show in map</source>
      <translation>Montrer dans la carte</translation>
    </message>
    <message>
      <source>Show on the map</source>
      <translation>Montrer sur la carte</translation>
    </message>
    <message>
      <source>Show or hide the dock for crop mapping</source>
      <translation>Montrer ou cacher le panneau de cartographie des cultures</translation>
    </message>
    <message>
      <source>Show the dataset as a page: split, classes, season curves, sample chips</source>
      <translation>Montrer le jeu de données en une page : répartition, classes, courbes de saison, exemples d'imagettes</translation>
    </message>
    <message>
      <source>Show the pages of the dock</source>
      <translation>Montrer les pages du panneau</translation>
    </message>
    <message>
      <source>Show the runs in this state</source>
      <translation>Montrer les exécutions dans cet état</translation>
    </message>
    <message>
      <source>Show the runs whose name, job, folder or parameters hold this</source>
      <translation>Montrer les exécutions dont le nom, la tâche, le dossier ou les paramètres contiennent ceci</translation>
    </message>
    <message>
      <source>Show the values whose text, name or code holds this</source>
      <translation>Montrer les valeurs dont le texte, le nom ou le code contient ceci</translation>
    </message>
    <message>
      <source>Show what the job says</source>
      <translation>Afficher ce que dit la tâche</translation>
    </message>
    <message>
      <source>Similarity of neighbours</source>
      <translation>Similarité des voisins</translation>
    </message>
    <message>
      <source>Simulate a scene</source>
      <translation>Simuler une scène</translation>
    </message>
    <message>
      <source>Simulate a small scene, train on it and map it: some ten minutes, no data needed</source>
      <translation>Simuler une petite scène, s'y entraîner et la cartographier : une dizaine de minutes, sans données</translation>
    </message>
    <message>
      <source>Start QGIS again.</source>
      <translation>Redémarrez QGIS.</translation>
    </message>
    <message>
      <source>Start the job</source>
      <translation>Lancer la tâche</translation>
    </message>
    <message>
      <source>State</source>
      <translation>État</translation>
    </message>
    <message>
      <source>Step</source>
      <translation>Étape</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Arrêter</translation>
    </message>
    <message>
      <source>Stop and keep the best</source>
      <translation>Finir et garder le meilleur</translation>
    </message>
    <message>
      <source>Stop it first.</source>
      <translation>Arrêtez-la d'abord.</translation>
    </message>
    <message>
      <source>Stop reading</source>
      <translation>Arrêter la lecture</translation>
    </message>
    <message>
      <source>Stop the job</source>
      <translation>Arrêter la tâche</translation>
    </message>
    <message>
      <source>Stop the job and close</source>
      <translation>Arrêter la tâche et fermer</translation>
    </message>
    <message>
      <source>Stop the job now</source>
      <translation>Arrêter la tâche maintenant</translation>
    </message>
    <message>
      <source>Stop the job; what can be resumed stays in the history</source>
      <translation>Arrêter la tâche ; ce qui peut être repris reste dans l'historique</translation>
    </message>
    <message>
      <source>Stop; what was downloaded is kept</source>
      <translation>Arrêter ; ce qui est téléchargé est gardé</translation>
    </message>
    <message>
      <source>Stopping…</source>
      <translation>Arrêt…</translation>
    </message>
    <message>
      <source>Sure</source>
      <translation>Sûreté</translation>
    </message>
    <message>
      <source>Swipe</source>
      <translation>Balayer</translation>
    </message>
    <message>
      <source>Tables (*.csv)</source>
      <translation>Tables (*.csv)</translation>
    </message>
    <message>
      <source>Tables (*.csv);;All files (*)</source>
      <translation>Tables (*.csv);;Tous les fichiers (*)</translation>
    </message>
    <message>
      <source>Take care: {reason}</source>
      <translation>Attention : {reason}</translation>
    </message>
    <message>
      <source>Take names, codes and colours from a class table (CSV), EuroCrops' columns too</source>
      <translation>Prendre noms, codes et couleurs d'une table des classes (CSV), colonnes d'EuroCrops comprises</translation>
    </message>
    <message>
      <source>Take the last change of the table back</source>
      <translation>Annuler la dernière modification de la table</translation>
    </message>
    <message>
      <source>Take the selected ones off the list; files stay</source>
      <translation>Retirer de la liste les éléments choisis ; les fichiers restent</translation>
    </message>
    <message>
      <source>Take the selected values in again</source>
      <translation>Reprendre les valeurs choisies</translation>
    </message>
    <message>
      <source>Teach the network which neighbouring pixels are alike before it learns classes. It finds the edges of parcels better then.</source>
      <translation>Apprendre au réseau quels pixels voisins se ressemblent avant les classes. Il trouve alors mieux les bords des parcelles.</translation>
    </message>
    <message>
      <source>Test pixels of {resolution} m against {reference}</source>
      <translation>Pixels de test à {resolution} m et {reference}</translation>
    </message>
    <message>
      <source>Test pixels of {resolution} m against {reference}, random forest</source>
      <translation>Pixels de test à {resolution} m et {reference}, forêt aléatoire</translation>
    </message>
    <message>
      <source>That is Python {version}; 3.11 to 3.14 can be used.</source>
      <translation>C'est Python {version} ; 3.11 à 3.14 conviennent.</translation>
    </message>
    <message>
      <source>The calibrated probability of the mapped class</source>
      <translation>La probabilité calibrée de la classe cartographiée</translation>
    </message>
    <message>
      <source>The call is in the clipboard, for the Python console of QGIS.</source>
      <translation>L'appel est dans le presse-papiers, pour la console Python de QGIS.</translation>
    </message>
    <message>
      <source>The class table is written: {path}</source>
      <translation>La table des classes est écrite : {path}</translation>
    </message>
    <message>
      <source>The class that the map shows in the parcel</source>
      <translation>La classe que la carte montre dans la parcelle</translation>
    </message>
    <message>
      <source>The class that was declared</source>
      <translation>La classe déclarée</translation>
    </message>
    <message>
      <source>The classes below are of another layer or field.</source>
      <translation>Les classes ci-dessous sont d'une autre couche ou d'un autre champ.</translation>
    </message>
    <message>
      <source>The command is in the clipboard.</source>
      <translation>La commande est dans le presse-papiers.</translation>
    </message>
    <message>
      <source>The crop map is complete.</source>
      <translation>La carte des cultures est terminée.</translation>
    </message>
    <message>
      <source>The dataset is complete.</source>
      <translation>Le jeu de données est terminé.</translation>
    </message>
    <message>
      <source>The demonstration's map is in the project.</source>
      <translation>La carte de la démonstration est dans le projet.</translation>
    </message>
    <message>
      <source>The disk has only {size} left.</source>
      <translation>Il ne reste que {size} sur le disque.</translation>
    </message>
    <message>
      <source>The engine did not start (status {status}).</source>
      <translation>Le moteur n'a pas démarré (code {status}).</translation>
    </message>
    <message>
      <source>The engine ended with status {status} although it had said that the job was done, so its results are not used. Run the job again.</source>
      <translation>Le moteur a fini avec le code {status} alors qu'il avait dit la tâche terminée ; ses résultats ne sont donc pas utilisés. Relancez la tâche.</translation>
    </message>
    <message>
      <source>The engine ended without saying that the job was done.</source>
      <translation>Le moteur a fini sans dire la tâche terminée.</translation>
    </message>
    <message>
      <source>The engine is not responding. It may go on by itself; if it is ended, the job can be resumed from its last checkpoint.</source>
      <translation>Le moteur ne répond pas. Il peut repartir de lui-même ; si on l'arrête, la tâche peut être reprise depuis son dernier point de contrôle.</translation>
    </message>
    <message>
      <source>The engine is of another version than the plugin: reinstall the engine.</source>
      <translation>Le moteur est d'une autre version que l'extension : réinstallez-le.</translation>
    </message>
    <message>
      <source>The engine is ready.</source>
      <translation>Le moteur est prêt.</translation>
    </message>
    <message>
      <source>The engine stopped with status {status} before the job was complete.</source>
      <translation>Le moteur s'est arrêté avec le code {status} avant la fin de la tâche.</translation>
    </message>
    <message>
      <source>The engine was ended by signal {signal} before the job was complete.</source>
      <translation>Le moteur a été arrêté par le signal {signal} avant la fin de la tâche.</translation>
    </message>
    <message>
      <source>The field of the parcels with the declared class</source>
      <translation>Le champ des parcelles contenant la classe déclarée</translation>
    </message>
    <message>
      <source>The first figures come with the first validation.</source>
      <translation>Les premiers chiffres arrivent avec la première validation.</translation>
    </message>
    <message>
      <source>The folder that `make wheelhouse` wrote, for a place offline</source>
      <translation>Le dossier écrit par `make wheelhouse`, pour un lieu hors ligne</translation>
    </message>
    <message>
      <source>The images suit the model.</source>
      <translation>Les images conviennent au modèle.</translation>
    </message>
    <message>
      <source>The images suit the model. Worth knowing:</source>
      <translation>Les images conviennent au modèle. Bon à savoir :</translation>
    </message>
    <message>
      <source>The images' dates appear here.</source>
      <translation>Les dates des images apparaissent ici.</translation>
    </message>
    <message>
      <source>The internet, with pip</source>
      <translation>Internet, avec pip</translation>
    </message>
    <message>
      <source>The internet, with uv</source>
      <translation>Internet, avec uv</translation>
    </message>
    <message>
      <source>The job is in the clipboard. Save it as job.json; on the cluster: cscl run --path FOLDER_HERE=FOLDER_THERE job.json</source>
      <translation>La tâche est dans le presse-papiers. Enregistrez-la sous job.json ; sur le cluster : cscl run --path FOLDER_HERE=FOLDER_THERE job.json</translation>
    </message>
    <message>
      <source>The job was cancelled.</source>
      <translation>La tâche a été annulée.</translation>
    </message>
    <message>
      <source>The libraries are those of this version already; nothing is downloaded.</source>
      <translation>Les bibliothèques sont déjà celles de cette version ; rien n'est téléchargé.</translation>
    </message>
    <message>
      <source>The output folder holds a finished map. Choose parcels to classify them on it.</source>
      <translation>Le dossier de sortie contient une carte achevée. Choisissez des parcelles pour les y classer.</translation>
    </message>
    <message>
      <source>The output folder holds a finished map: parcels can be classified on it alone.</source>
      <translation>Le dossier de sortie contient une carte achevée : les parcelles peuvent y être classées sans tout recartographier.</translation>
    </message>
    <message>
      <source>The output folder of a map, or of the whole chain</source>
      <translation>Le dossier de sortie d'une carte, ou de toute la chaîne</translation>
    </message>
    <message>
      <source>The parcel's id in its layer</source>
      <translation>L'identifiant de la parcelle dans sa couche</translation>
    </message>
    <message>
      <source>The parcels are classified.</source>
      <translation>Les parcelles sont classées.</translation>
    </message>
    <message>
      <source>The parcels could not be read ({found}). Save the layer as a GeoPackage and choose that file.</source>
      <translation>Les parcelles n'ont pas pu être lues ({found}). Enregistrez la couche en GeoPackage et choisissez ce fichier.</translation>
    </message>
    <message>
      <source>The parcels were classified without a class field, so there is nothing to compare the map with.</source>
      <translation>Les parcelles ont été classées sans champ de classe : il n'y a rien à comparer à la carte.</translation>
    </message>
    <message>
      <source>The parcels were exported to {path}.</source>
      <translation>Les parcelles ont été exportées vers {path}.</translation>
    </message>
    <message>
      <source>The pretrained network is there already and is used.</source>
      <translation>Le réseau préentraîné est déjà là et sert.</translation>
    </message>
    <message>
      <source>The preview took {seconds} seconds. {notes}</source>
      <translation>L'aperçu a pris {seconds} secondes. {notes}</translation>
    </message>
    <message>
      <source>The product, file or item that the image comes from</source>
      <translation>Le produit, fichier ou item dont vient l'image</translation>
    </message>
    <message>
      <source>The program is in the clipboard, for the Python of the engine.</source>
      <translation>Le programme est dans le presse-papiers, pour le Python du moteur.</translation>
    </message>
    <message>
      <source>The project has no raster layers. Add images to it, or add files and folders.</source>
      <translation>Le projet n'a pas de couche raster. Ajoutez-y des images, ou ajoutez fichiers et dossiers.</translation>
    </message>
    <message>
      <source>The project was closed while a job is running: {job}. The job works from files and goes on; its results are found in the history.</source>
      <translation>Le projet a été fermé pendant une tâche : {job}. Elle travaille sur des fichiers et continue ; ses résultats sont dans l'historique.</translation>
    </message>
    <message>
      <source>The rectangle that the map shows when the job starts.</source>
      <translation>Le rectangle montré par la carte au lancement de la tâche.</translation>
    </message>
    <message>
      <source>The software that made this layer claims no rights in it. The terms of the images and of the parcels hold.</source>
      <translation>Le logiciel qui a produit cette couche n'y revendique aucun droit. Les conditions des images et des parcelles s'appliquent.</translation>
    </message>
    <message>
      <source>The stage whose figures are shown</source>
      <translation>L'étape dont les chiffres sont montrés</translation>
    </message>
    <message>
      <source>The time series is defined: {names}</source>
      <translation>La série temporelle est définie : {names}</translation>
    </message>
    <message>
      <source>The training ends with the best weights so far.</source>
      <translation>L'entraînement finit avec les meilleurs poids obtenus.</translation>
    </message>
    <message>
      <source>The training is complete: the model can map crops.</source>
      <translation>L'entraînement est terminé : le modèle peut cartographier les cultures.</translation>
    </message>
    <message>
      <source>The variable CSCL_HOME chooses another folder</source>
      <translation>La variable CSCL_HOME choisit un autre dossier</translation>
    </message>
    <message>
      <source>Then try the demo scene</source>
      <translation>Essayer ensuite la scène de démonstration</translation>
    </message>
    <message>
      <source>There are no figures yet: start a training.</source>
      <translation>Pas encore de chiffres : lancez un entraînement.</translation>
    </message>
    <message>
      <source>There is nothing in this folder that a map can show.</source>
      <translation>Ce dossier ne contient rien qu'une carte puisse montrer.</translation>
    </message>
    <message>
      <source>There is nothing to count yet: choose the field of the declared class, or evaluate the model.</source>
      <translation>Rien à compter encore : choisissez le champ de la classe déclarée, ou évaluez le modèle.</translation>
    </message>
    <message>
      <source>These images do not suit the model yet:</source>
      <translation>Ces images ne conviennent pas encore au modèle :</translation>
    </message>
    <message>
      <source>They are made again when they are needed.</source>
      <translation>Elles sont refaites quand il le faut.</translation>
    </message>
    <message>
      <source>This Python cannot make environments. On Debian and Ubuntu install the package python3-venv, then choose it again.</source>
      <translation>Ce Python ne peut pas créer d'environnement. Sur Debian et Ubuntu, installez le paquet python3-venv, puis choisissez-le à nouveau.</translation>
    </message>
    <message>
      <source>This folder holds no classified parcels. Choose parcels on the page Map to have them compared with the map.</source>
      <translation>Ce dossier ne contient pas de parcelles classées. Choisissez des parcelles à la page Carte pour les comparer à la carte.</translation>
    </message>
    <message>
      <source>This model is pretrained only. Fine-tune it before it can map.</source>
      <translation>Ce modèle n'est que préentraîné. Affinez-le avant de cartographier.</translation>
    </message>
    <message>
      <source>This place lies outside of the map's reference system.</source>
      <translation>Ce lieu est hors du système de coordonnées de la carte.</translation>
    </message>
    <message>
      <source>This run has told no figures of this stage.</source>
      <translation>Cette exécution n'a donné aucun chiffre de cette étape.</translation>
    </message>
    <message>
      <source>This very training is complete there. Choose another output to train again.</source>
      <translation>Ce même entraînement y est terminé. Choisissez une autre sortie pour recommencer.</translation>
    </message>
    <message>
      <source>Tick the layers, or whole groups, that hold the images.</source>
      <translation>Cochez les couches, ou des groupes entiers, qui contiennent les images.</translation>
    </message>
    <message>
      <source>Time series (*.series.json);;All files (*)</source>
      <translation>Série temporelle (*.series.json);;Tous les fichiers (*)</translation>
    </message>
    <message>
      <source>Time series file</source>
      <translation>Fichier de série temporelle</translation>
    </message>
    <message>
      <source>Timeline</source>
      <translation>Chronologie</translation>
    </message>
    <message>
      <source>To check</source>
      <translation>À vérifier</translation>
    </message>
    <message>
      <source>Too small or too narrow</source>
      <translation>Trop petit ou trop étroit</translation>
    </message>
    <message>
      <source>Train</source>
      <translation>Entraîner</translation>
    </message>
    <message>
      <source>Trained</source>
      <translation>Entraîné</translation>
    </message>
    <message>
      <source>Truth 2.5 m</source>
      <translation>Vérité 2,5 m</translation>
    </message>
    <message>
      <source>Try again. If it stays, what you download from, or the folder, holds a changed file: do not use it.</source>
      <translation>Réessayez. Si cela persiste, la source ou le dossier contient un fichier modifié : ne l'utilisez pas.</translation>
    </message>
    <message>
      <source>Try again; if it stays, report it with the diagnostics of Settings &gt; Options.</source>
      <translation>Réessayez ; si cela persiste, signalez-le avec le diagnostic de Préférences &gt; Options.</translation>
    </message>
    <message>
      <source>Try again; the details say more.</source>
      <translation>Réessayez ; les détails en disent plus.</translation>
    </message>
    <message>
      <source>Try the demo scene</source>
      <translation>Essayer la scène de démonstration</translation>
    </message>
    <message>
      <source>Trying the engine with that Python…</source>
      <translation>Essai du moteur avec ce Python…</translation>
    </message>
    <message>
      <source>Turn to the page of results</source>
      <translation>Aller à la page des résultats</translation>
    </message>
    <message>
      <source>Undo</source>
      <translation>Annuler</translation>
    </message>
    <message>
      <source>Unfinished</source>
      <translation>Inachevé</translation>
    </message>
    <message>
      <source>Update</source>
      <translation>Mettre à jour</translation>
    </message>
    <message>
      <source>Update it in the dock (Plugins &gt; Crop mapping); that takes seconds where the libraries are the same.</source>
      <translation>Mettez-le à jour dans le panneau (Extensions &gt; Crop mapping) ; cela prend des secondes si les bibliothèques sont les mêmes.</translation>
    </message>
    <message>
      <source>Use again</source>
      <translation>Réutiliser</translation>
    </message>
    <message>
      <source>Use an existing Python…</source>
      <translation>Utiliser un Python existant…</translation>
    </message>
    <message>
      <source>Use an odd number: a window has a centre.</source>
      <translation>Utilisez un nombre impair : une fenêtre a un centre.</translation>
    </message>
    <message>
      <source>Use its settings</source>
      <translation>Utiliser ses réglages</translation>
    </message>
    <message>
      <source>Use the features that are selected in the map alone</source>
      <translation>Utiliser seulement les entités sélectionnées sur la carte</translation>
    </message>
    <message>
      <source>Use what all images have</source>
      <translation>Utiliser ce que toutes les images ont</translation>
    </message>
    <message>
      <source>Valid</source>
      <translation>Valides</translation>
    </message>
    <message>
      <source>Value</source>
      <translation>Valeur</translation>
    </message>
    <message>
      <source>Value of the class field; without its tick its parcels count as unknown</source>
      <translation>Valeur du champ de classe ; décochée, ses parcelles comptent comme inconnues</translation>
    </message>
    <message>
      <source>Values that are not in the table: {count}. They are ignored until you tick them.</source>
      <translation>Valeurs absentes de la table : {count}. Elles sont ignorées tant que vous ne les cochez pas.</translation>
    </message>
    <message>
      <source>Verifying the engine</source>
      <translation>Vérification du moteur</translation>
    </message>
    <message>
      <source>Versions and states, without names of folders, files or layers</source>
      <translation>Versions et états, sans noms de dossiers, fichiers ou couches</translation>
    </message>
    <message>
      <source>Wait until that is done; it is used here then, too.</source>
      <translation>Attendez la fin ; il servira alors ici aussi.</translation>
    </message>
    <message>
      <source>Wait until the images have been read, move the map to them, or draw a polygon instead.</source>
      <translation>Attendez que les images soient lues, amenez la carte sur elles, ou dessinez plutôt un polygone.</translation>
    </message>
    <message>
      <source>What is counted</source>
      <translation>Ce qui est compté</translation>
    </message>
    <message>
      <source>What it will take is not known yet.</source>
      <translation>Le coût n'est pas encore connu.</translation>
    </message>
    <message>
      <source>What it will take is not known: {reason}</source>
      <translation>Le coût est inconnu : {reason}</translation>
    </message>
    <message>
      <source>What networks are trained and maps are computed on</source>
      <translation>Sur quoi les réseaux sont entraînés et les cartes calculées</translation>
    </message>
    <message>
      <source>What the check found, by kind</source>
      <translation>Ce que la vérification a trouvé, par type</translation>
    </message>
    <message>
      <source>What the job says appears here.</source>
      <translation>Ce que dit la tâche apparaît ici.</translation>
    </message>
    <message>
      <source>What the map shows</source>
      <translation>Ce que montre la carte</translation>
    </message>
    <message>
      <source>What the programs said</source>
      <translation>Ce qu'ont dit les programmes</translation>
    </message>
    <message>
      <source>What was downloaded is kept for the next attempt.</source>
      <translation>Ce qui est téléchargé est gardé pour le prochain essai.</translation>
    </message>
    <message>
      <source>Wheels</source>
      <translation>Wheels</translation>
    </message>
    <message>
      <source>Where Python's packages come from</source>
      <translation>D'où viennent les paquets de Python</translation>
    </message>
    <message>
      <source>Whole images</source>
      <translation>Images entières</translation>
    </message>
    <message>
      <source>With the Python</source>
      <translation>Avec le Python</translation>
    </message>
    <message>
      <source>Write a CSV with some of the columns {columns}.</source>
      <translation>Écrivez un CSV avec certaines des colonnes {columns}.</translation>
    </message>
    <message>
      <source>Write it as 2021-06-01.</source>
      <translation>Écrivez-le sous la forme 2021-06-01.</translation>
    </message>
    <message>
      <source>Write it as year-month-day, for example 2019-09-30.</source>
      <translation>Écrivez-le sous la forme année-mois-jour, par exemple 2019-09-30.</translation>
    </message>
    <message>
      <source>Write the classes as a class table (CSV)</source>
      <translation>Écrire les classes dans une table des classes (CSV)</translation>
    </message>
    <message>
      <source>Write the first and the last day, for example 2018-10-01/2019-09-30.</source>
      <translation>Écrivez le premier et le dernier jour, par exemple 2018-10-01/2019-09-30.</translation>
    </message>
    <message>
      <source>Write the first day before the last.</source>
      <translation>Écrivez le premier jour avant le dernier.</translation>
    </message>
    <message>
      <source>Write the parcels to the file</source>
      <translation>Écrire les parcelles dans le fichier</translation>
    </message>
    <message>
      <source>Zoom to the finding before</source>
      <translation>Zoomer sur le constat précédent</translation>
    </message>
    <message>
      <source>Zoom to the next finding</source>
      <translation>Zoomer sur le constat suivant</translation>
    </message>
    <message>
      <source>a file or folder may not be written</source>
      <translation>un fichier ou un dossier n'est pas accessible en écriture</translation>
    </message>
    <message>
      <source>a package</source>
      <translation>un paquet</translation>
    </message>
    <message>
      <source>about {hours} h left</source>
      <translation>encore environ {hours} h</translation>
    </message>
    <message>
      <source>about {minutes} min left</source>
      <translation>encore environ {minutes} min</translation>
    </message>
    <message>
      <source>about {time}</source>
      <translation>environ {time}</translation>
    </message>
    <message>
      <source>and</source>
      <translation>et</translation>
    </message>
    <message>
      <source>another window of QGIS (process {number}) is installing it</source>
      <translation>une autre fenêtre de QGIS (processus {number}) est en train de l'installer</translation>
    </message>
    <message>
      <source>began {when}</source>
      <translation>commencé {when}</translation>
    </message>
    <message>
      <source>declaration</source>
      <translation>déclaration</translation>
    </message>
    <message>
      <source>engine</source>
      <translation>moteur</translation>
    </message>
    <message>
      <source>ha</source>
      <translation>ha</translation>
    </message>
    <message>
      <source>image layers</source>
      <translation>couches d'images</translation>
    </message>
    <message>
      <source>is a class of its own</source>
      <translation>est une classe à part</translation>
    </message>
    <message>
      <source>it cannot be moved ({reason})</source>
      <translation>il ne peut être déplacé ({reason})</translation>
    </message>
    <message>
      <source>it cannot be opened as a vector layer</source>
      <translation>impossible de l'ouvrir comme couche vectorielle</translation>
    </message>
    <message>
      <source>it comes from a service ({service}), not from a file</source>
      <translation>elle vient d'un service ({service}), pas d'un fichier</translation>
    </message>
    <message>
      <source>it ended before it answered</source>
      <translation>il s'est arrêté avant de répondre</translation>
    </message>
    <message>
      <source>it ended before it answered; it said: {said}</source>
      <translation>il s'est arrêté avant de répondre ; il a dit : {said}</translation>
    </message>
    <message>
      <source>it ends before it begins</source>
      <translation>elle finit avant de commencer</translation>
    </message>
    <message>
      <source>it ends in {ending}, but FORMAT is {wanted}</source>
      <translation>il finit par {ending}, mais FORMAT est {wanted}</translation>
    </message>
    <message>
      <source>it failed ({found})</source>
      <translation>cela a échoué ({found})</translation>
    </message>
    <message>
      <source>it failed without a word</source>
      <translation>cela a échoué sans un mot</translation>
    </message>
    <message>
      <source>it failed: {text}</source>
      <translation>cela a échoué : {text}</translation>
    </message>
    <message>
      <source>it gave no answer for {minutes} minutes</source>
      <translation>il n'a pas répondu pendant {minutes} minutes</translation>
    </message>
    <message>
      <source>it has no folder of libraries</source>
      <translation>il n'a pas de dossier de bibliothèques</translation>
    </message>
    <message>
      <source>it has no reference system</source>
      <translation>elle n'a pas de système de coordonnées</translation>
    </message>
    <message>
      <source>it has no value</source>
      <translation>aucune valeur</translation>
    </message>
    <message>
      <source>it has the columns {names}</source>
      <translation>elle a les colonnes {names}</translation>
    </message>
    <message>
      <source>it holds no record of a job</source>
      <translation>il ne contient le journal d'aucune tâche</translation>
    </message>
    <message>
      <source>it holds no wheels</source>
      <translation>il ne contient pas de wheels</translation>
    </message>
    <message>
      <source>it holds no {file}</source>
      <translation>il ne contient pas {file}</translation>
    </message>
    <message>
      <source>it is Python {version}</source>
      <translation>c'est Python {version}</translation>
    </message>
    <message>
      <source>it is Python {version}, the engine needs 3.11 or later</source>
      <translation>c'est Python {version}, le moteur demande 3.11 ou plus récent</translation>
    </message>
    <message>
      <source>it is a relative path</source>
      <translation>c'est un chemin relatif</translation>
    </message>
    <message>
      <source>it is neither a layer of the project nor a local file</source>
      <translation>ce n'est ni une couche du projet ni un fichier local</translation>
    </message>
    <message>
      <source>it is no Python that starts</source>
      <translation>ce n'est pas un Python qui démarre</translation>
    </message>
    <message>
      <source>it is no day of the calendar</source>
      <translation>ce n'est pas un jour du calendrier</translation>
    </message>
    <message>
      <source>it is no known coordinate reference system</source>
      <translation>ce n'est pas un système de coordonnées connu</translation>
    </message>
    <message>
      <source>it is no pair of days</source>
      <translation>ce n'est pas une paire de jours</translation>
    </message>
    <message>
      <source>it is no raster layer</source>
      <translation>ce n'est pas une couche raster</translation>
    </message>
    <message>
      <source>it is no time series</source>
      <translation>ce n'est pas une série temporelle</translation>
    </message>
    <message>
      <source>it is one part of a file with several</source>
      <translation>c'est une partie d'un fichier qui en a plusieurs</translation>
    </message>
    <message>
      <source>it is too large</source>
      <translation>c'est trop grand</translation>
    </message>
    <message>
      <source>it is {value}</source>
      <translation>c'est {value}</translation>
    </message>
    <message>
      <source>it sent {text}</source>
      <translation>il a envoyé {text}</translation>
    </message>
    <message>
      <source>its confusion matrices are not as this version writes them</source>
      <translation>ses matrices de confusion ne sont pas telles que cette version les écrit</translation>
    </message>
    <message>
      <source>its disk has {have} GiB free, {need} GiB are needed</source>
      <translation>son disque a {have} Gio libres, il en faut {need}</translation>
    </message>
    <message>
      <source>its extent is empty</source>
      <translation>l'emprise est vide</translation>
    </message>
    <message>
      <source>its features could not be written to a file ({found})</source>
      <translation>ses entités n'ont pas pu être écrites dans un fichier ({found})</translation>
    </message>
    <message>
      <source>its first event is {kind}, not hello</source>
      <translation>son premier événement est {kind}, pas hello</translation>
    </message>
    <message>
      <source>its first layer holds no polygons</source>
      <translation>sa première couche ne contient pas de polygones</translation>
    </message>
    <message>
      <source>its installation was cancelled</source>
      <translation>son installation a été annulée</translation>
    </message>
    <message>
      <source>its job runs as process {pid}</source>
      <translation>sa tâche est en cours (processus {pid})</translation>
    </message>
    <message>
      <source>its job {job} is cancelled</source>
      <translation>sa tâche {job} a été annulée</translation>
    </message>
    <message>
      <source>its job {job} is failed</source>
      <translation>sa tâche {job} a échoué</translation>
    </message>
    <message>
      <source>its job {job} is interrupted</source>
      <translation>sa tâche {job} a été interrompue</translation>
    </message>
    <message>
      <source>its job {job} is running</source>
      <translation>sa tâche {job} est en cours</translation>
    </message>
    <message>
      <source>its path holds a semicolon, which separates paths</source>
      <translation>son chemin contient un point-virgule, qui sépare les chemins</translation>
    </message>
    <message>
      <source>its record names no results that are there</source>
      <translation>son journal ne nomme aucun résultat présent</translation>
    </message>
    <message>
      <source>its source cannot be read ({provider})</source>
      <translation>sa source est illisible ({provider})</translation>
    </message>
    <message>
      <source>its wheels are for {platform}, Python {python}</source>
      <translation>ses wheels sont pour {platform}, Python {python}</translation>
    </message>
    <message>
      <source>layer {name}</source>
      <translation>couche {name}</translation>
    </message>
    <message>
      <source>less than a minute left</source>
      <translation>moins d'une minute</translation>
    </message>
    <message>
      <source>mean IoU</source>
      <translation>IoU moyen</translation>
    </message>
    <message>
      <source>model or images are missing</source>
      <translation>il manque le modèle ou les images</translation>
    </message>
    <message>
      <source>no</source>
      <translation>non</translation>
    </message>
    <message>
      <source>no date</source>
      <translation>aucune date</translation>
    </message>
    <message>
      <source>no engine is installed</source>
      <translation>aucun moteur n'est installé</translation>
    </message>
    <message>
      <source>no layer is chosen</source>
      <translation>aucune couche n'est choisie</translation>
    </message>
    <message>
      <source>no libraries are installed</source>
      <translation>aucune bibliothèque n'est installée</translation>
    </message>
    <message>
      <source>no polygon is drawn</source>
      <translation>aucun polygone n'est dessiné</translation>
    </message>
    <message>
      <source>none are listed</source>
      <translation>aucune n'est listée</translation>
    </message>
    <message>
      <source>none is chosen</source>
      <translation>aucun n'est choisi</translation>
    </message>
    <message>
      <source>none is given</source>
      <translation>aucune n'est donnée</translation>
    </message>
    <message>
      <source>none of them has a value</source>
      <translation>aucun n'a de valeur</translation>
    </message>
    <message>
      <source>on boundaries</source>
      <translation>aux limites</translation>
    </message>
    <message>
      <source>other land</source>
      <translation>autre terrain</translation>
    </message>
    <message>
      <source>overall accuracy</source>
      <translation>exactitude globale</translation>
    </message>
    <message>
      <source>parcel {number}</source>
      <translation>parcelle {number}</translation>
    </message>
    <message>
      <source>parcels</source>
      <translation>parcelles</translation>
    </message>
    <message>
      <source>pip found no processor build of PyTorch where it looks: the larger build for NVIDIA cards is installed instead, which computes on the processor too.</source>
      <translation>pip n'a pas trouvé de PyTorch pour processeur : la version plus grande pour cartes NVIDIA est installée, qui calcule aussi sur le processeur.</translation>
    </message>
    <message>
      <source>preset full</source>
      <translation>préréglage complet</translation>
    </message>
    <message>
      <source>preset quick</source>
      <translation>préréglage rapide</translation>
    </message>
    <message>
      <source>preset standard</source>
      <translation>préréglage standard</translation>
    </message>
    <message>
      <source>preset {name}</source>
      <translation>préréglage {name}</translation>
    </message>
    <message>
      <source>raster {name}</source>
      <translation>raster {name}</translation>
    </message>
    <message>
      <source>results</source>
      <translation>résultats</translation>
    </message>
    <message>
      <source>some of its files are in use or cannot be removed</source>
      <translation>certains de ses fichiers sont utilisés ou ne peuvent être supprimés</translation>
    </message>
    <message>
      <source>the certificate of the server is not trusted</source>
      <translation>le certificat du serveur n'est pas reconnu</translation>
    </message>
    <message>
      <source>the disk became full</source>
      <translation>le disque est plein</translation>
    </message>
    <message>
      <source>the engine did not start ({reason})</source>
      <translation>le moteur n'a pas démarré ({reason})</translation>
    </message>
    <message>
      <source>the engine does not work with it ({text})</source>
      <translation>le moteur ne fonctionne pas avec lui ({text})</translation>
    </message>
    <message>
      <source>the images' reference system is not known, or the map shows a place that it does not reach</source>
      <translation>le système de coordonnées des images est inconnu, ou la carte montre un lieu qu'il n'atteint pas</translation>
    </message>
    <message>
      <source>the network could not be reached</source>
      <translation>le réseau n'a pas pu être joint</translation>
    </message>
    <message>
      <source>the one that is installed belongs to another version of the plugin</source>
      <translation>celui qui est installé est d'une autre version de l'extension</translation>
    </message>
    <message>
      <source>the place lies beyond its reference system</source>
      <translation>le lieu est hors de son système de coordonnées</translation>
    </message>
    <message>
      <source>the plugin's own copy of the engine is incomplete</source>
      <translation>la copie du moteur dans l'extension est incomplète</translation>
    </message>
    <message>
      <source>the project has no coordinate reference system</source>
      <translation>le projet n'a pas de système de coordonnées</translation>
    </message>
    <message>
      <source>the project shows it ({name})</source>
      <translation>le projet l'affiche ({name})</translation>
    </message>
    <message>
      <source>the proxy refused the connection</source>
      <translation>le proxy a refusé la connexion</translation>
    </message>
    <message>
      <source>the setting for the engine's Python</source>
      <translation>le réglage du Python du moteur</translation>
    </message>
    <message>
      <source>the variable {name}</source>
      <translation>la variable {name}</translation>
    </message>
    <message>
      <source>there are no figures of its training yet</source>
      <translation>son entraînement n'a pas encore de chiffres</translation>
    </message>
    <message>
      <source>there is no build of {name} for this Python and system</source>
      <translation>il n'existe pas de {name} pour ce Python et ce système</translation>
    </message>
    <message>
      <source>there is no such file</source>
      <translation>ce fichier n'existe pas</translation>
    </message>
    <message>
      <source>there is no such file or folder</source>
      <translation>ce fichier ou dossier n'existe pas</translation>
    </message>
    <message>
      <source>there is no such folder</source>
      <translation>ce dossier n'existe pas</translation>
    </message>
    <message>
      <source>this Python cannot make environments</source>
      <translation>ce Python ne peut pas créer d'environnement</translation>
    </message>
    <message>
      <source>this computer</source>
      <translation>cet ordinateur</translation>
    </message>
    <message>
      <source>took {time}</source>
      <translation>a pris {time}</translation>
    </message>
    <message>
      <source>truth</source>
      <translation>vérité</translation>
    </message>
    <message>
      <source>unknown to the model: a crop is shown everywhere</source>
      <translation>inconnu du modèle : une culture est montrée partout</translation>
    </message>
    <message>
      <source>yes</source>
      <translation>oui</translation>
    </message>
    <message>
      <source>{at} of {all}</source>
      <translation>{at} sur {all}</translation>
    </message>
    <message>
      <source>{began}: job {job}, version {version}</source>
      <translation>{began} : tâche {job}, version {version}</translation>
    </message>
    <message>
      <source>{classes} classes of {values} values, {parcels} parcels, {area} ha</source>
      <translation>{classes} classes de {values} valeurs, {parcels} parcelles, {area} ha</translation>
    </message>
    <message>
      <source>{colour}; click to change it</source>
      <translation>{colour} ; cliquer pour la changer</translation>
    </message>
    <message>
      <source>{count} GB</source>
      <translation>{count} Go</translation>
    </message>
    <message>
      <source>{count} MB</source>
      <translation>{count} Mo</translation>
    </message>
    <message>
      <source>{count} dates are on the map. View &gt; Panels &gt; Temporal Controller plays them.</source>
      <translation>{count} dates sont sur la carte. Vue &gt; Panneaux &gt; Contrôleur temporel les anime.</translation>
    </message>
    <message>
      <source>{count} dates of Sentinel-2 images.</source>
      <translation>{count} dates d'images Sentinel-2.</translation>
    </message>
    <message>
      <source>{count} epochs</source>
      <translation>{count} époques</translation>
    </message>
    <message>
      <source>{count} from {start} to {end}</source>
      <translation>{count} du {start} au {end}</translation>
    </message>
    <message>
      <source>{count} h</source>
      <translation>{count} h</translation>
    </message>
    <message>
      <source>{count} have faults: choose one to see which.</source>
      <translation>{count} ont des défauts : choisissez-en une pour voir lequel.</translation>
    </message>
    <message>
      <source>{count} have less than {share} % valid pixels and are left out.</source>
      <translation>{count} ont moins de {share} % de pixels valides et sont écartées.</translation>
    </message>
    <message>
      <source>{count} images are not on the map.</source>
      <translation>{count} images ne sont pas sur la carte.</translation>
    </message>
    <message>
      <source>{count} libraries, each checked by its hash, and PyTorch {version} as uv chooses it for the graphics card.</source>
      <translation>{count} bibliothèques, chacune vérifiée par son empreinte, et PyTorch {version} tel qu'uv le choisit pour la carte graphique.</translation>
    </message>
    <message>
      <source>{count} min</source>
      <translation>{count} min</translation>
    </message>
    <message>
      <source>{count} of them have a value</source>
      <translation>{count} d'entre eux ont une valeur</translation>
    </message>
    <message>
      <source>{count} others</source>
      <translation>{count} autres</translation>
    </message>
    <message>
      <source>{count} parcels</source>
      <translation>{count} parcelles</translation>
    </message>
    <message>
      <source>{count} parcels are selected.</source>
      <translation>{count} parcelles sont sélectionnées.</translation>
    </message>
    <message>
      <source>{count} s</source>
      <translation>{count} s</translation>
    </message>
    <message>
      <source>{count} {unit} of {truth} mapped as {mapped}</source>
      <translation>{count} {unit} de {truth} cartographiés comme {mapped}</translation>
    </message>
    <message>
      <source>{day}: {share} % clouds</source>
      <translation>{day} : {share} % de nuages</translation>
    </message>
    <message>
      <source>{declared} was declared, {crop} is mapped</source>
      <translation>{declared} est déclaré, {crop} est cartographié</translation>
    </message>
    <message>
      <source>{help} Default: {value}.</source>
      <translation>{help} Par défaut : {value}.</translation>
    </message>
    <message>
      <source>{help} Give one of {names}.</source>
      <translation>{help} Donnez l'un de {names}.</translation>
    </message>
    <message>
      <source>{job}, with the parameters of {name}. It writes to:</source>
      <translation>{job}, avec les paramètres de {name}. La sortie va vers :</translation>
    </message>
    <message>
      <source>{layer}, made by the job {job} of Crop mapping (CSCL) {version}.</source>
      <translation>{layer}, produit par la tâche {job} de Crop mapping (CSCL) {version}.</translation>
    </message>
    <message>
      <source>{names} have values</source>
      <translation>{names} ont des valeurs</translation>
    </message>
    <message>
      <source>{name} is not the file that this version of the plugin was tested with</source>
      <translation>{name} n'est pas le fichier avec lequel cette version de l'extension a été testée</translation>
    </message>
    <message>
      <source>{name}, step {step}: {value}</source>
      <translation>{name}, étape {step} : {value}</translation>
    </message>
    <message>
      <source>{name}: QGIS cannot show cubes of this form</source>
      <translation>{name} : QGIS ne peut pas afficher les cubes de cette forme</translation>
    </message>
    <message>
      <source>{name}: labelled pixels of each class by split</source>
      <translation>{name} : pixels étiquetés de chaque classe par part</translation>
    </message>
    <message>
      <source>{name}: {parcels} parcels, {area} ha</source>
      <translation>{name} : {parcels} parcelles, {area} ha</translation>
    </message>
    <message>
      <source>{origin} names it, but it cannot be executed</source>
      <translation>{origin} le désigne, mais il ne peut être exécuté</translation>
    </message>
    <message>
      <source>{origin} names it, but there is no such file</source>
      <translation>{origin} le désigne, mais ce fichier n'existe pas</translation>
    </message>
    <message>
      <source>{paths}: the engine said that it wrote this, but it is not there. Run the job again.</source>
      <translation>{paths} : le moteur a dit avoir écrit ceci, mais ce n'est pas là. Relancez la tâche.</translation>
    </message>
    <message>
      <source>{resolution} m: {shares}</source>
      <translation>{resolution} m : {shares}</translation>
    </message>
    <message>
      <source>{run} at {resolution} m</source>
      <translation>{run} à {resolution} m</translation>
    </message>
    <message>
      <source>{share} %</source>
      <translation>{share} %</translation>
    </message>
    <message>
      <source>{share} % of {count} {unit} are on the diagonal. Rows are what was declared or true, columns what is mapped. Click a cell to select its parcels.</source>
      <translation>{share} % de {count} {unit} sont sur la diagonale. Lignes : déclaré ou vrai ; colonnes : cartographié. Cliquez une cellule pour sélectionner ses parcelles.</translation>
    </message>
    <message>
      <source>{size} are free there.</source>
      <translation>{size} y sont libres.</translation>
    </message>
    <message>
      <source>{size} of disk</source>
      <translation>{size} de disque</translation>
    </message>
    <message>
      <source>{size} of memory</source>
      <translation>{size} de mémoire</translation>
    </message>
    <message>
      <source>{size} on the disk</source>
      <translation>{size} sur le disque</translation>
    </message>
    <message>
      <source>{split}: {parcels} parcels, {area} ha, {pixels} pixels</source>
      <translation>{split} : {parcels} parcelles, {area} ha, {pixels} pixels</translation>
    </message>
    <message>
      <source>{start} to {end}</source>
      <translation>du {start} au {end}</translation>
    </message>
    <message>
      <source>{text} is no day</source>
      <translation>{text} n'est pas un jour</translation>
    </message>
    <message>
      <source>{title}: {help}</source>
      <translation>{title} : {help}</translation>
    </message>
    <message>
      <source>{used} of {all} images are used.</source>
      <translation>{used} images sur {all} sont utilisées.</translation>
    </message>
    <message>
      <source>{value}: ignored, its parcels count as unknown</source>
      <translation>{value} : ignoré, ses parcelles comptent comme inconnues</translation>
    </message>
    <message>
      <source>{where}: {clear} of {dates} dates are clear, the cloudy ones hollow.</source>
      <translation>{where} : {clear} dates sur {dates} sont claires, les nuageuses en creux.</translation>
    </message>
  </context>
</TS>
